import { type Html, html } from './html.ts';
import { type Language, languages, type PhraseKey, sayIn } from './phrases.ts';
import { style } from './style.ts';

/** What every page is made from. */
export interface PageFrame {
  readonly language: Language;
  /** The nonce of the answer's Content-Security-Policy. */
  readonly nonce: string;
}

/** What stands in a page. */
export interface PageContents {
  readonly title: string;
  readonly body: Html;
  /** Where the same page is found in another language; without it there is no link. */
  readonly languageHref?: (language: Language) => string;
  /** Where the browser goes on by itself, at once. */
  readonly goOn?: string;
}

/** A whole page. It has no script. */
export function layout({ language, nonce }: PageFrame, { title, body, languageHref, goOn }: PageContents): string {
  const others = (Object.keys(languages) as Language[]).filter((one) => one !== language);
  const links =
    languageHref === undefined
      ? []
      : others.map((one) => {
          const { languageName, otherLanguage } = languages[one];
          return html`<a href="${languageHref(one)}" hreflang="${one}" lang="${one}" title="${otherLanguage}">${languageName}</a>`;
        });
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${goOn !== undefined && html`<meta http-equiv="refresh" content="0; url=${goOn}">`}
<title>${title} – Cosell</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<header>
<svg viewBox="0 0 28 28" aria-hidden="true"><circle class="mark-a" cx="10" cy="14" r="8"/><circle class="mark-b" cx="18" cy="14" r="8"/></svg>
<span>Cosell</span>
</header>
<main>
<h1>${title}</h1>
${body}
</main>
${links.length > 0 && html`<footer>${links}</footer>`}
</body>
</html>
`.html;
}

/** A fault of a form, and the field that it is about. */
export interface FormFault {
  readonly field: string;
  readonly text: string;
}

/** What is wrong with a form, at its top: each fault leads to its field (WCAG 2.2, technique G139). */
export function faultSummary(language: Language, faults: readonly FormFault[]): Html | undefined {
  if (faults.length === 0) return undefined;
  const items = faults.map(({ field, text }) => html`<li><a href="#${field}">${text}</a></li>`);
  return html`<div class="summary" role="alert" aria-labelledby="problem"><h2 id="problem">${sayIn(language)('problem')}</h2>
<ul>${items}</ul></div>`;
}

/** A field of a form. */
export interface Field {
  readonly id: string;
  readonly label: string;
  readonly type: 'text' | 'password';
  readonly autocomplete: string;
  readonly value?: string | undefined;
  readonly help?: string;
  /** Whether it holds a code: digits or letters that are typed one by one. */
  readonly isCode?: 'numeric' | 'text';
  readonly isFocused?: boolean;
  /** Whether it is only shown. */
  readonly isFixed?: boolean;
}

/** A field with its label, its help and its faults, each tied to it. */
export function fieldHtml(field: Field, faults: readonly FormFault[]): Html {
  const { id, label, type, autocomplete, value = '', help, isCode, isFocused, isFixed } = field;
  const own = faults.filter((fault) => fault.field === id);
  const described = [...(help === undefined ? [] : [`${id}-help`]), ...own.map((_, at) => `${id}-fault-${at}`)].join(
    ' ',
  );
  return html`<div class="field">
<label for="${id}">${label}</label>
<input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}" value="${value}" autocapitalize="none" spellcheck="false" required${
    described !== '' && html` aria-describedby="${described}"`
  }${own.length > 0 && html` aria-invalid="true"`}${isCode !== undefined && html` class="code" inputmode="${isCode}" maxlength="20"`}${
    isFocused === true && html` autofocus`
  }${isFixed === true && html` readonly`}>
${help !== undefined && html`<p class="help" id="${id}-help">${help}</p>`}
${own.map(({ text }, at) => html`<p class="fault" id="${id}-fault-${at}">${text}</p>`)}
</div>`;
}

/** A page that says something and asks for nothing. */
export function noticePage(
  frame: PageFrame,
  { title, texts, languageHref }: { title: string; texts: readonly string[] } & Pick<PageContents, 'languageHref'>,
): string {
  const body = html`${texts.map((text) => html`<p>${text}</p>`)}`;
  return layout(frame, { title, body, ...(languageHref === undefined ? {} : { languageHref }) });
}

/** The page of a refusal: what has happened, and what to do. */
export function errorPage(
  frame: PageFrame,
  {
    title = 'errorTitle',
    help,
    requestId,
  }: { title?: PhraseKey; help: PhraseKey | { text: string }; requestId?: string },
): string {
  const say = sayIn(frame.language);
  const texts = [typeof help === 'string' ? say(help) : help.text];
  if (requestId !== undefined) texts.push(say('errorNumber', { requestId }));
  return noticePage(frame, { title: say(title), texts });
}
