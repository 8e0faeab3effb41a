import { expect } from 'vitest';
import { collection } from './answers.ts';
import type { TestServer, WireAnswer } from './test-server.ts';

/** A list as it is answered. */
export interface Listed {
  readonly '@odata.context': string;
  readonly '@odata.count'?: number;
  readonly value: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly '@odata.nextLink'?: string;
}

/** The list of an answer that must be 200. */
export function listedIn(answer: WireAnswer): Listed {
  expect(answer.status, answer.text).toBe(200);
  return answer.json<Listed>();
}

/** The ids of a list, in its order. */
export function idsIn(answer: WireAnswer): string[] {
  return listedIn(answer).value.map(({ id }) => id);
}

/** The path of a list with options, encoded as a careful client does. */
export function listPath(options: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? collection : `${collection}?${pairs.join('&')}`;
}

/** What a client sends that follows a link: its path and query as they stand. */
export function pathOf(link: string): string {
  return link.replace(/^https?:\/\/[^/]+/, '');
}

/** Follows next links to the end, as one user, and gives the pages. */
export async function walk(
  server: TestServer,
  user: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listed[]> {
  const pages: Listed[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page: Listed = listedIn(await server.askAs(user, next, { headers: { ...headers } }));
    pages.push(page);
    expect(pages.length).toBeLessThan(100);
    next = page['@odata.nextLink'] === undefined ? undefined : pathOf(page['@odata.nextLink']);
  }
  return pages;
}
