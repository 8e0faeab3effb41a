import { Failure, failure } from '@cosell/model';
import { acceptInvitation, findInvitation, parseInvitation } from '../../domain/directory/accept-invitation.ts';
import { passwordFaults } from '../../domain/password-rules.ts';
import type { StoredInvitation } from '../../store/directory-entry.ts';
import type { Surface } from '../route.ts';
import { html } from './html.ts';
import { type FormFault, faultSummary, fieldHtml, layout, noticePage, type PageFrame } from './layout.ts';
import type { Page, PageAsked } from './page.ts';
import { type PhraseKey, sayIn } from './phrases.ts';
import { newPasswordFields } from './sign-in-pages.ts';

/** Names have so many characters at most; a directory with longer ones was written by hand. */
const longestName = 100;

/** An invitation that can be accepted. */
interface Invited {
  readonly invitation: StoredInvitation;
  readonly organization: string;
  readonly link: NonNullable<ReturnType<typeof parseInvitation>>;
}

/** Shows an invitation to whoever has its link. */
export async function showInvitation(surface: Surface, asked: PageAsked): Promise<Page> {
  return { status: 200, body: invitationPage(asked, await invitedBy(surface, asked), []) };
}

/** Makes a user of whoever accepts it, with a password of his own. */
export async function takeInvitation(surface: Surface, asked: PageAsked): Promise<Page> {
  const invited = await invitedBy(surface, asked);
  const { link, invitation, organization } = invited;
  const userName = invitation.userName === '' ? (asked.fields.get('name') ?? '').trim() : invitation.userName;
  const password = asked.fields.get('password') ?? '';
  const again = (faults: Readonly<Record<string, PhraseKey>>): Page => {
    const say = sayIn(asked.frame.language);
    const list = Object.entries(faults).map(([field, key]) => ({ field, text: say(key) }));
    return { status: 400, body: invitationPage(asked, invited, list) };
  };
  const [fault] = passwordFaults(password, { name: userName, email: invitation.email });
  const faults: Readonly<Record<string, PhraseKey>> = {
    ...(userName === '' ? { name: 'userNameMissing' } : {}),
    ...(userName.length > longestName ? { name: 'userNameTaken' } : {}),
    ...(fault === undefined ? {} : { password: fault }),
    ...(fault === undefined && password !== asked.fields.get('again') ? { again: 'newPasswordDiffers' } : {}),
  };
  if (Object.keys(faults).length > 0) return again(faults);
  const passwordHash = await surface.proof.hasher.hash(password);
  try {
    await surface.store.transact(acceptInvitation, { ...link, userName, passwordHash });
  } catch (error) {
    if (error instanceof Failure && error.kind === 'directoryRefused') return again({ name: 'userNameTaken' });
    throw error;
  }
  const say = sayIn(asked.frame.language);
  const texts = [say('joinedHelp', { organization, user: userName })];
  return { status: 200, body: noticePage(asked.frame, { title: say('joinedTitle'), texts }) };
}

async function invitedBy({ store, surroundings }: Surface, { parameters }: PageAsked): Promise<Invited> {
  const link = parseInvitation(parameters.code ?? '');
  const invitation = link && (await findInvitation(store, link, surroundings.clock.now()));
  if (link === undefined || invitation === undefined) throw failure('invitationNotAvailable');
  const organization = await store.identity.findOrganizationName(invitation.organizationId);
  return { invitation, organization: organization ?? invitation.organizationId, link };
}

function invitationPage(
  { frame, xsrf, fields }: { frame: PageFrame; xsrf: string; fields: URLSearchParams },
  { invitation, organization }: Invited,
  faults: readonly FormFault[],
): string {
  const { language } = frame;
  const say = sayIn(language);
  const { email, userName } = invitation;
  const isFixed = userName !== '';
  const value = isFixed ? userName : (fields.get('name') ?? '');
  const name = { id: 'name', label: say('userName'), type: 'text', autocomplete: 'username', value, isFixed } as const;
  const all = [name, ...newPasswordFields(language)];
  const first = faults[0]?.field ?? (isFixed ? 'password' : 'name');
  const body = html`${faultSummary(language, faults)}
<p>${say('invitationHelp', { organization, email })}</p>
<form method="post" novalidate>
<input type="hidden" name="xsrf" value="${xsrf}"><input type="hidden" name="ui_locales" value="${language}">
${all.map((field) => fieldHtml({ ...field, isFocused: field.id === first }, faults))}
<button>${say('join')}</button>
</form>`;
  const title = say('invitationTitle', { organization });
  return layout(frame, { title, body, languageHref: (other) => `?ui_locales=${other}` });
}
