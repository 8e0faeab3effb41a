/** HTML that is safe to send: made by the tag below and by nothing else. */
export interface Html {
  readonly html: string;
}

/** What may stand in a template. Text is escaped; HTML and lists of it are not; what is not there leaves nothing. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined | false;

/**
 * Puts HTML together. Every value is escaped for text and for attributes in double quotes; there is no way to send text
 * as it is. Attributes without quotes, scripts and styles take no values.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: parts.reduce((before, part, index) => `${before}${htmlOf(values[index - 1])}${part}`) };
}

function htmlOf(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map((one) => one.html).join('');
}

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => replacements[character] ?? '');
}
