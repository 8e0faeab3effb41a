import { parseJson } from '@cosell/model';
import { expect } from 'vitest';
import { expectEnvelope } from './answers.ts';
import { listPath, pathOf } from './listed.ts';
import type { Party } from './parties.ts';
import type { WireAnswer } from './test-server.ts';

type Options = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

/** A page of a list or of a delta, with its items as they are written. */
export interface DeltaPage {
  readonly '@odata.context': string;
  readonly '@odata.nextLink'?: string;
  readonly '@odata.deltaLink'?: string;
  readonly value: readonly Readonly<Record<string, unknown>>[];
  readonly texts: readonly string[];
  readonly answer: WireAnswer;
}

/** One item of a delta that says that a referral left. */
export interface Removed {
  readonly id: string;
  readonly reason: 'changed' | 'deleted';
}

/** The preference that asks for a delta link. */
export const tracking = { prefer: 'odata.track-changes' };

/** The page of an answer that must be 200. */
export function pageIn(answer: WireAnswer): DeltaPage {
  expect(answer.status, answer.text).toBe(200);
  const parsed = parseJson(answer.text);
  if ('faults' in parsed) throw new Error(answer.text);
  const items = parsed.root.members.find(({ name }) => name === 'value')?.value.items ?? [];
  const texts = items.map(({ offset, length }) => answer.text.slice(offset, offset + length));
  return { ...answer.json<Omit<DeltaPage, 'texts' | 'answer'>>(), texts, answer };
}

/** Follows next links from a path to the end. Exactly the last page has a delta link, if there is one at all. */
export async function pagesFrom(
  party: Pick<Party, 'ask'>,
  path: string,
  { headers = {}, between }: { headers?: Headers; between?: () => Promise<unknown> } = {},
): Promise<DeltaPage[]> {
  const pages: DeltaPage[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    if (pages.length > 0) await between?.();
    const page: DeltaPage = pageIn(await party.ask('GET', next, undefined, headers));
    pages.push(page);
    expect(pages.length).toBeLessThan(1_000);
    const link: string | undefined = page['@odata.nextLink'];
    if (link !== undefined) expect(page['@odata.deltaLink']).toBeUndefined();
    next = link === undefined ? undefined : pathOf(link);
  }
  return pages;
}

/** Where the last of some pages leads. */
export function deltaPathOf(pages: readonly DeltaPage[]): string {
  const link = pages.at(-1)?.['@odata.deltaLink'];
  if (link === undefined) throw new Error('there is no delta link');
  return pathOf(link);
}

/** What an item that says that a referral left must be; undefined for one that is there. */
export function removedIn(item: Readonly<Record<string, unknown>>): Removed | undefined {
  const { '@odata.removed': removed, ...others } = item as { '@odata.removed'?: { reason: Removed['reason'] } };
  if (removed === undefined) return undefined;
  const { '@odata.context': context, id, reason } = others as Record<string, string>;
  expect(context).toMatch(/\$metadata#Referrals\/\$deletedEntity$/);
  expect(Object.keys(item)).toEqual(['@odata.context', '@odata.removed', 'id', 'reason']);
  expect(['changed', 'deleted']).toContain(reason);
  expect(removed).toEqual({ reason });
  return { id: String(id), reason: removed.reason };
}

/** Somebody who keeps a copy of his list by deltas alone. */
export class DeltaClient {
  readonly #party: Pick<Party, 'ask'>;
  readonly #options: Options;
  readonly #headers: Headers;
  readonly #copy = new Map<string, string>();
  #next = '';

  /** @param pageSize asks for pages of so many */
  constructor(party: Pick<Party, 'ask'>, options: Options = {}, pageSize?: number) {
    this.#party = party;
    this.#options = options;
    const size = pageSize === undefined ? '' : `, odata.maxpagesize=${pageSize}`;
    this.#headers = { prefer: `odata.track-changes${size}` };
  }

  /** Reads the list as a whole. */
  async begin(between?: () => Promise<unknown>): Promise<void> {
    this.#copy.clear();
    const pages = await this.#pages(listPath(this.#options), between);
    for (const { texts, value } of pages) {
      for (const [at, text] of texts.entries()) this.#copy.set(String(value[at]?.id), text);
    }
    this.#next = deltaPathOf(pages);
  }

  /**
   * Hears what has changed, and gives the ids of it. Undefined where it has to begin again, which it then does.
   *
   * @param between is done between two pages
   */
  async follow(between?: () => Promise<unknown>): Promise<{ shown: string[]; removed: Removed[] } | undefined> {
    const shown: string[] = [];
    const removed: Removed[] = [];
    let path: string | undefined = this.#next;
    for (let count = 0; path !== undefined; count += 1) {
      if (count > 0) await between?.();
      const answer = await this.#party.ask('GET', path, undefined, this.#headers);
      if (answer.status === 410) {
        expectEnvelope(answer, 410, 'changesUnknown');
        await this.begin();
        return undefined;
      }
      const page: DeltaPage = pageIn(answer);
      for (const [at, item] of page.value.entries()) {
        const gone = removedIn(item);
        if (gone === undefined) {
          this.#copy.set(String(item.id), page.texts[at] ?? '');
          shown.push(String(item.id));
        } else {
          this.#copy.delete(gone.id);
          removed.push(gone);
        }
      }
      expect(page['@odata.nextLink'] === undefined).toBe(page['@odata.deltaLink'] !== undefined);
      this.#next = pathOf(page['@odata.deltaLink'] ?? page['@odata.nextLink'] ?? '');
      path = page['@odata.nextLink'] === undefined ? undefined : this.#next;
    }
    const all = [...shown, ...removed.map(({ id }) => id)];
    expect(new Set(all).size, 'each referral comes once').toBe(all.length);
    return { shown, removed };
  }

  /** The copy, by id. */
  get copy(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#copy].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** What the list has now, by id, read as a whole and without tracking. */
  async fresh(): Promise<Readonly<Record<string, string>>> {
    const pages = await pagesFrom(this.#party, listPath({ ...this.#options, $orderby: 'id', $top: '1000' }));
    return Object.fromEntries(
      pages.flatMap(({ texts, value }) => texts.map((text, at) => [String(value[at]?.id), text])),
    );
  }

  #pages(path: string, between: (() => Promise<unknown>) | undefined): Promise<DeltaPage[]> {
    return pagesFrom(this.#party, path, { headers: this.#headers, ...(between && { between }) });
  }
}
