import { encode } from 'uqr';
import { otpAddress } from '../../identity/second-factor.ts';
import type { Interaction } from '../provider/interactions.ts';
import { type Html, html } from './html.ts';
import { type Field, type FormFault, faultSummary, fieldHtml, layout, type PageFrame } from './layout.ts';
import { type Language, type PhraseKey, sayIn } from './phrases.ts';

/** What every page of a sign-in is made from. */
export interface SignInFrame extends PageFrame {
  readonly xsrf: string;
  readonly interaction: Interaction;
  readonly faults?: readonly FormFault[];
}

/** The steps of a sign-in, as its forms name them. */
export type SignInStep = 'password' | 'code' | 'newPassword' | 'enrol' | 'consent';

const languageHref = (language: Language) => `?ui_locales=${language}`;

interface Form {
  readonly step: SignInStep;
  readonly title: PhraseKey;
  readonly before?: Html;
  readonly fields: readonly Field[];
  readonly button: PhraseKey;
  readonly end?: PhraseKey;
}

function formPage(frame: SignInFrame, { step, title, before, fields, button, end }: Form): string {
  const { language, interaction, faults = [] } = frame;
  const say = sayIn(language);
  const firstFaulty = faults[0]?.field ?? fields.find(({ value }) => value === undefined || value === '')?.id;
  const body = html`<p class="soft">${say('signInFor', { application: interaction.client.name })}</p>
${faultSummary(language, faults)}
${before}
<form method="post" novalidate>
${hiddenFields(frame, step)}
${fields.map((field) => fieldHtml({ ...field, isFocused: field.id === firstFaulty }, faults))}
<button>${say(button)}</button>
</form>
${end !== undefined && html`<p class="end soft">${say(end)}</p>`}`;
  return layout(frame, { title: say(title), body, languageHref });
}

function hiddenFields({ xsrf, language }: SignInFrame, step: SignInStep): Html {
  return html`<input type="hidden" name="xsrf" value="${xsrf}"><input type="hidden" name="step" value="${step}"><input type="hidden" name="ui_locales" value="${language}">`;
}

/** Asks for name and password. */
export function passwordPage(frame: SignInFrame, name: string | undefined): string {
  const say = sayIn(frame.language);
  return formPage(frame, {
    step: 'password',
    title: 'signInTitle',
    fields: [
      { id: 'name', label: say('name'), type: 'text', autocomplete: 'username', value: name },
      { id: 'password', label: say('password'), type: 'password', autocomplete: 'current-password' },
    ],
    button: 'signIn',
    end: 'forgotten',
  });
}

/** Asks for the code of the second factor. */
export function codePage(frame: SignInFrame): string {
  const say = sayIn(frame.language);
  return formPage(frame, {
    step: 'code',
    title: 'codeTitle',
    before: html`<p>${say('codeHelp')}</p>`,
    fields: [codeField(say('code'))],
    button: 'confirm',
    end: 'codeLost',
  });
}

/** Shows the secret of a new second factor and asks for a code of it. */
export function enrolPage(frame: SignInFrame, totpSecret: string, userName: string): string {
  const say = sayIn(frame.language);
  const picture: Html = qrCode(otpAddress(totpSecret, 'Cosell', userName), say('enrolPicture'));
  const groups = totpSecret.match(/.{1,4}/g)?.join(' ') ?? '';
  return formPage(frame, {
    step: 'enrol',
    title: 'enrolTitle',
    before: html`<p>${say('enrolWhy')}</p>
<p>${say('enrolScan')}</p>
<div class="picture">${picture}</div>
<h2 id="key">${say('enrolKey')}</h2>
<code class="key" aria-labelledby="key" role="group">${groups}</code>
<p>${say('enrolConfirm')}</p>`,
    fields: [codeField(say('code'))],
    button: 'confirm',
  });
}

function codeField(label: string): Field {
  return { id: 'code', label, type: 'text', autocomplete: 'one-time-code', isCode: 'numeric' };
}

/** Asks for a password of the user's own. */
export function newPasswordPage(frame: SignInFrame, userName: string): string {
  const say = sayIn(frame.language);
  return formPage(frame, {
    step: 'newPassword',
    title: 'newPasswordTitle',
    // A password manager keeps the new password with the name that it finds in the form.
    before: html`<p>${say('newPasswordWhy')}</p>`,
    fields: [
      { id: 'name', label: say('userName'), type: 'text', autocomplete: 'username', value: userName, isFixed: true },
      ...newPasswordFields(frame.language),
    ],
    button: 'save',
  });
}

/** The two fields of a new password. */
export function newPasswordFields(language: Language): Field[] {
  const say = sayIn(language);
  const field = { type: 'password', autocomplete: 'new-password' } as const;
  return [
    { ...field, id: 'password', label: say('newPassword'), help: say('newPasswordHelp') },
    { ...field, id: 'again', label: say('newPasswordAgain') },
  ];
}

/** Asks whether a program may do what it asks for. */
export function consentPage(frame: SignInFrame, organization: string): string {
  const { language, interaction } = frame;
  const say = sayIn(language);
  const slots = { application: interaction.client.name, organization, user: interaction.user?.userName ?? '' };
  const body = html`<p>${say('consentFrom', slots)}</p>
<h2>${say('consentAsks')}</h2>
<ul>${permissionsOf(interaction.scopes).map(([key, scope]) => html`<li>${say(key, { scope })}</li>`)}</ul>
<p class="soft">${say('consentTrust', slots)}</p>
<form method="post">
${hiddenFields(frame, 'consent')}
<button name="decision" value="allow">${say('allow')}</button>
<button class="second" name="decision" value="refuse">${say('refuse')}</button>
</form>`;
  return layout(frame, { title: say('consentTitle', slots), body, languageHref });
}

/** What scopes let a program do, each thing once. */
function permissionsOf(scopes: readonly string[]): [PhraseKey, string][] {
  const known: Readonly<Record<string, PhraseKey>> = {
    openid: 'mayProfile',
    profile: 'mayProfile',
    email: 'mayEmail',
    offline_access: 'mayStay',
  };
  const permissions = new Map<string, [PhraseKey, string]>();
  for (const scope of scopes) {
    const last = scope.split('/').at(-1) ?? '';
    const isApi = last === 'user_impersonation' || last === '.default';
    const key = isApi ? 'mayReferrals' : Object.hasOwn(known, scope) ? known[scope] : undefined;
    permissions.set(key ?? scope, [key ?? 'mayOther', scope]);
  }
  // What matters most stands first.
  return [...permissions.values()].sort(([one], [other]) => weightOf(other) - weightOf(one));
}

function weightOf(key: PhraseKey): number {
  return ['mayProfile', 'mayEmail', 'mayStay', 'mayOther', 'mayReferrals'].indexOf(key);
}

/** Leads back to the program, at once and by a link. */
export function goOnPage(frame: SignInFrame, href: string, isRefused = false): string {
  const { language, interaction } = frame;
  const say = sayIn(language);
  const body = html`<p>${say('goOnHelp', { application: interaction.client.name })}</p>
<p><a class="button" href="${href}">${say('continue')}</a></p>`;
  return layout(frame, { title: say(isRefused ? 'goOnRefused' : 'goOnTitle'), body, goOn: href });
}

/** A QR code as a picture with a name. Black on white in both schemes: cameras need it so. */
function qrCode(text: string, name: string): Html {
  const { data, size } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return html`<svg viewBox="0 0 ${size} ${size}" role="img" aria-label="${name}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
}
