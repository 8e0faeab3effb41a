import { english } from './phrases-en.ts';
import { turkish } from './phrases-tr.ts';

/** A phrase of the pages. */
export type PhraseKey = keyof typeof english;

/** All phrases of a language. */
export type Phrases = Readonly<Record<PhraseKey, string>>;

/** Every language of the pages; a further one is a file beside these and a row here. */
export const languages = { en: english, tr: turkish } as const satisfies Record<string, Phrases>;

/** A language of the pages, by its code of two letters. */
export type Language = keyof typeof languages;

/** A phrase with its slots filled. */
export type Say = (key: PhraseKey, slots?: Readonly<Record<string, string | number>>) => string;

/** How to say things in a language. */
export function sayIn(language: Language): Say {
  return (key, slots = {}) => languages[language][key].replaceAll(/\{(\w+)\}/g, (_, name) => String(slots[name] ?? ''));
}

/**
 * The language of a page: the first that is spoken here of `ui_locales` (OpenID Connect Core 1.0, section 3.1.2.1), else
 * of Accept-Language by its weights (RFC 9110, section 12.5.4), else English.
 */
export function chooseLanguage(uiLocales: string | undefined, acceptLanguage: string | undefined): Language {
  const wanted = (uiLocales ?? '').split(/\s+/);
  const accepted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((item) => {
      const [tag = '', weight] = item.split(';').map((piece) => piece.trim());
      return { tag, weight: weight === undefined ? 1 : Number(/^q=([\d.]+)$/i.exec(weight)?.[1] ?? 0) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
  for (const tag of [...wanted, ...accepted]) {
    const code = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(code)) return code;
  }
  return 'en';
}

function isLanguage(code: string): code is Language {
  return Object.hasOwn(languages, code);
}
