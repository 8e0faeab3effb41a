import { recordActs } from '../../domain/record-acts.ts';
import { jsonBody } from '../body.ts';
import type { Route } from '../route.ts';
import {
  answerAddFault,
  answerClearFaults,
  answerClock,
  answerFaults,
  answerReset,
  answerSetClock,
} from './sandbox.ts';
import { answerAct } from './sandbox-acts.ts';
import { answerIdentityAct } from './sandbox-identity.ts';

/** What every route of the sandbox has in common. */
const sandbox = {
  access: 'operator',
  audience: 'partner',
  offers: jsonBody.mediaTypes,
  failures: ['operatorRequired', 'sandboxRefused', 'invalidBody'],
  extensions: [],
} as const;

/** The same answer, and a record in the audit of what was done: which route, and which act of it. */
function recorded(answer: Route['answer']): Route['answer'] {
  return async (surface, asked) => {
    const answered = await answer(surface, asked);
    const { requestId, clientId, subject, route, body } = asked;
    const by = { organizationId: null, subject, clientId, requestId, isOperator: true };
    const act = /"act"\s*:\s*"(\w{1,40})"/.exec(body.toString('latin1'))?.[1];
    const details = { route, ...(act !== undefined && { act }) };
    await surface.store.transact(recordActs, [{ kind: 'sandboxActed', subject: undefined, details, by }]);
    return answered;
  };
}

/** The routes of the sandbox (decision 36); they are there only where the exchange is one. */
export const sandboxRoutes: readonly Route[] = [
  {
    ...sandbox,
    name: 'getSandboxClock',
    method: 'GET',
    paths: ['/_sandbox/clock'],
    sentence: "Answers the exchange's time, and whether it stands still.",
    answer: answerClock,
  },
  {
    ...sandbox,
    name: 'setSandboxClock',
    method: 'POST',
    paths: ['/_sandbox/clock'],
    sentence: "Moves the exchange's clock forward, stops it or lets it go.",
    body: jsonBody,
    bodySchema: 'SandboxClock',
    answer: recorded(answerSetClock),
  },
  {
    ...sandbox,
    name: 'resetSandbox',
    method: 'POST',
    paths: ['/_sandbox/reset'],
    sentence: 'Brings the sample exchange back as it was, at the present time or another.',
    body: jsonBody,
    bodySchema: 'SandboxReset',
    answer: recorded(answerReset),
  },
  {
    ...sandbox,
    name: 'getSandboxFaults',
    method: 'GET',
    paths: ['/_sandbox/faults'],
    sentence: 'Answers the faults that the next requests meet.',
    answer: answerFaults,
  },
  {
    ...sandbox,
    name: 'addSandboxFault',
    method: 'POST',
    paths: ['/_sandbox/faults'],
    sentence: 'Lets the next requests of a route be throttled, refused, slow, or lose their answer.',
    body: jsonBody,
    bodySchema: 'SandboxFault',
    answer: recorded(answerAddFault),
  },
  {
    ...sandbox,
    name: 'clearSandboxFaults',
    method: 'DELETE',
    paths: ['/_sandbox/faults'],
    sentence: 'Takes all rehearsed faults back.',
    answer: recorded(answerClearFaults),
  },
  {
    ...sandbox,
    name: 'actInSandbox',
    method: 'POST',
    paths: ['/_sandbox/acts'],
    sentence: 'Acts in the place of Microsoft or another partner: sends, accepts, declines, closes, edits.',
    body: jsonBody,
    bodySchema: 'SandboxAct',
    answer: recorded(answerAct),
  },
  {
    ...sandbox,
    name: 'actOnIdentity',
    method: 'POST',
    paths: ['/_sandbox/identity'],
    sentence: 'Revokes or restores a user, ends his refresh tokens, or rotates the keys of the built-in issuer.',
    failures: [...sandbox.failures, 'directoryRefused'],
    body: jsonBody,
    bodySchema: 'SandboxIdentityAct',
    answer: recorded(answerIdentityAct),
  },
];
