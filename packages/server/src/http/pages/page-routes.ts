import { showInvitation, takeInvitation } from './invitation.ts';
import type { PageRoute } from './page.ts';
import { showSignIn, takeStep } from './sign-in.ts';

/** Every address at which a browser finds a page of ours, beside those of the built-in provider. */
export const pageRoutes: readonly PageRoute[] = [
  {
    name: 'showSignIn',
    method: 'GET',
    path: '/sign-in/{uid}',
    sentence: 'Shows the step that a sign-in is at: password, code, second factor, new password or consent.',
    answer: showSignIn,
  },
  {
    name: 'takeSignInStep',
    method: 'POST',
    path: '/sign-in/{uid}',
    sentence: 'Takes what was entered there.',
    answer: takeStep,
  },
  {
    name: 'showInvitation',
    method: 'GET',
    path: '/invitation/{code}',
    sentence: 'Shows an invitation to whoever has its link.',
    answer: showInvitation,
  },
  {
    name: 'takeInvitation',
    method: 'POST',
    path: '/invitation/{code}',
    sentence: 'Makes a user of whoever accepts it.',
    answer: takeInvitation,
  },
];
