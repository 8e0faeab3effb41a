import { html } from './html.ts';
import { type FormFault, faultSummary, fieldHtml, layout, noticePage, type PageFrame } from './layout.ts';
import { type Language, type PhraseKey, sayIn } from './phrases.ts';

/** What can be wrong with a code that somebody has entered. */
export type DeviceProblem = 'codeMissing' | 'codeUnknown' | 'failed';

/** What the page of a device's code is made from (RFC 8628, section 3.3). */
export interface DeviceCodeParts extends PageFrame {
  /** Where its form is sent. */
  readonly action: string;
  /** What shows that the form is ours. */
  readonly xsrf: string;
  /** The code that was entered. */
  readonly userCode?: string | undefined;
  /** The program that has begun this: with it and a code, the page asks whether it may. */
  readonly clientName?: string | undefined;
  readonly problem?: DeviceProblem | undefined;
}

const problems: Readonly<Record<DeviceProblem, PhraseKey>> = {
  codeMissing: 'deviceCodeMissing',
  codeUnknown: 'deviceCodeUnknown',
  failed: 'deviceFailed',
};

/** Asks for the code that a device shows; with the code and the name of its program, whether that may act for the user. */
export function deviceCodePage(parts: DeviceCodeParts): string {
  const { userCode, clientName, problem } = parts;
  if (userCode !== undefined && clientName !== undefined && problem === undefined) {
    return confirmPage(parts, userCode, clientName);
  }
  const { language, action, xsrf } = parts;
  const say = sayIn(language);
  const faults: FormFault[] = problem === undefined ? [] : [{ field: 'user_code', text: say(problems[problem]) }];
  const field = {
    id: 'user_code',
    label: say('deviceCode'),
    type: 'text',
    autocomplete: 'off',
    value: userCode,
  } as const;
  const body = html`<p>${say('deviceHelp')}</p>
${faultSummary(language, faults)}
<form method="post" action="${action}" novalidate>
<input type="hidden" name="xsrf" value="${xsrf}">
${fieldHtml({ ...field, isCode: 'text', isFocused: true }, faults)}
<button>${say('continue')}</button>
</form>`;
  return layout(parts, { title: say('deviceTitle'), body, languageHref: hrefTo(userCode) });
}

function confirmPage(frame: DeviceCodeParts, userCode: string, clientName: string): string {
  const { language, action, xsrf } = frame;
  const say = sayIn(language);
  const body = html`<p>${say('deviceConfirmHelp', { application: clientName })}</p>
<strong class="device">${userCode}</strong>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${xsrf}">
<input type="hidden" name="user_code" value="${userCode}">
<input type="hidden" name="confirm" value="yes">
<button>${say('allow')}</button>
<button class="second" name="abort" value="yes">${say('refuse')}</button>
</form>`;
  return layout(frame, { title: say('deviceConfirmTitle'), body, languageHref: hrefTo(userCode) });
}

/** Says that a device is connected. */
export function deviceDonePage(frame: PageFrame & { readonly clientName: string }): string {
  const say = sayIn(frame.language);
  const texts = [say('deviceDoneHelp', { application: frame.clientName })];
  return noticePage(frame, { title: say('deviceDoneTitle'), texts });
}

/** Says that a device was refused. */
export function deviceRefusedPage(frame: PageFrame): string {
  const say = sayIn(frame.language);
  return noticePage(frame, { title: say('deviceRefusedTitle'), texts: [say('deviceRefusedHelp')] });
}

/** Says that somebody is signed out. */
export function signedOutPage(frame: PageFrame): string {
  const say = sayIn(frame.language);
  return noticePage(frame, { title: say('signedOutTitle'), texts: [say('signedOutHelp')] });
}

function hrefTo(userCode: string | undefined): (language: Language) => string {
  const code = userCode === undefined ? {} : { user_code: userCode };
  return (language) => `?${new URLSearchParams({ ...code, ui_locales: language })}`;
}
