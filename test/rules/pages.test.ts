import { deviceCodePage, deviceDonePage } from '@cosell/server/http/pages/device-page';
import { html } from '@cosell/server/http/pages/html';
import { errorPage } from '@cosell/server/http/pages/layout';
import { chooseLanguage, languages, sayIn } from '@cosell/server/http/pages/phrases';
import { describe, expect, it } from 'vitest';
import { hostileTexts } from '../support/hostile-texts.ts';

describe('HTML', () => {
  it('has every value escaped, in text and in attributes, and nothing twice', () => {
    const hostile = `<script>alert("1")</script> & ' \` \u2028`;
    const inner = html`<b title="${hostile}">${hostile}</b>`;
    const safe = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39; ` \u2028';
    expect(inner.html).toBe(`<b title="${safe}">${safe}</b>`);
    expect(html`<p>${inner}${[inner, inner]}${7}${undefined}${false}</p>`.html).toBe(`<p>${inner.html.repeat(3)}7</p>`);
  });

  it('of a page holds none of what was sent there but escaped', () => {
    for (const text of hostileTexts) {
      const frame = { language: 'en', nonce: 'n' } as const;
      const parts = { ...frame, action: '/device', xsrf: 'x', userCode: text, clientName: text };
      const pages = [
        deviceCodePage(parts),
        deviceCodePage({ ...parts, problem: 'codeUnknown' }),
        deviceDonePage(parts),
        errorPage(frame, { help: { text } }),
      ];
      for (const page of pages) {
        expect(page.match(/<(script|img|iframe|svg onload)|javascript:/i)).toBeNull();
        expect(page.match(/<input/g)?.length ?? 0).toBeLessThanOrEqual(3);
      }
    }
  });
});

describe('the languages', () => {
  const slotsOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot).sort();

  it.each(Object.entries(languages))(
    '%s has every phrase, with its slots and nothing left to be said',
    (_, phrases) => {
      expect(Object.keys(phrases)).toEqual(Object.keys(languages.en));
      for (const [key, text] of Object.entries(phrases)) {
        expect(text.trim(), key).toBe(text);
        expect(text, key).not.toBe('');
        expect(new Set(slotsOf(text)), key).toEqual(new Set(slotsOf(languages.en[key as keyof typeof languages.en])));
      }
    },
  );

  it.each([
    ['tr', undefined, 'tr'],
    ['fr tr-TR en', 'en', 'tr'],
    ['fr', 'de, tr;q=0.8, en;q=0.9', 'en'],
    [undefined, 'tr-TR,tr;q=0.9,en-US;q=0.8', 'tr'],
    [undefined, 'en;q=0, tr;q=0.1', 'tr'],
    [undefined, 'tr;q=x', 'en'],
    ['__proto__', 'constructor', 'en'],
    [undefined, undefined, 'en'],
  ])('by ui_locales %s and Accept-Language %s: %s', (uiLocales, acceptLanguage, language) => {
    expect(chooseLanguage(uiLocales, acceptLanguage)).toBe(language);
  });

  it('fill slots with what is given, whatever it holds', () => {
    expect(sayIn('en')('signInFor', { application: '$& {application}' })).toBe('to continue to $& {application}');
  });
});
