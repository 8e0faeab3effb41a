import { failure } from '@cosell/model';
import type { Outgoing } from '../answering.ts';
import type { BodyForm } from '../body.ts';
import { type Preferences, readPreferences } from '../prefer.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { readBatch } from './batch-order.ts';
import type { ItemResult } from './batch-references.ts';
import { runBatch } from './batch-run.ts';

/** A batch: four megabytes at most, and each body in it as much as by itself. */
export const batchBody: BodyForm = { mediaTypes: ['application/json'], limit: 4 * 1_048_576 };

/** POST of several requests as one (OData JSON Format 4.01, section 19; OData Protocol 4.01, section 11.7). */
export async function answerBatch({ store, surroundings }: Surface, asked: Asked): Promise<Answer> {
  const { door } = asked;
  if (door === undefined) throw failure('batchNested');
  if (asked.header('repeatability-request-id') !== undefined) {
    const advice = 'Send its headers with each request of the batch.';
    throw failure('batchNotImplemented', { what: 'a safe retry of the whole', advice });
  }
  const batch = readBatch(asked.body);
  const preferred = continuing(readPreferences(asked.header('prefer')));
  const results = await runBatch(batch, {
    door,
    store,
    clock: surroundings.clock,
    urlOf: (url) => pathOf(url, asked, door.base),
    stopsAtFailure: preferred?.continues === false,
  });
  if (results === undefined) return { status: 200, isLost: true };
  const headers = preferred === undefined ? [] : ['Preference-Applied', preferred.applied];
  return { status: 200, headers, body: `{"responses":[${[...inOrder(batch.items, results)].join(',')}]}` };
}

/** What the client prefers to become of the requests after one that fails (OData Protocol 4.01, section 8.2.8.3). */
function continuing(preferences: Preferences): { continues: boolean; applied: string } | undefined {
  for (const name of ['continue-on-error', 'odata.continue-on-error']) {
    const value = preferences.get(name)?.toLowerCase();
    if (value === 'false') return { continues: false, applied: `${name}=false` };
    if (value === 'true' || value === '') return { continues: true, applied: name };
  }
  return undefined;
}

/**
 * Path and query of a URL: one with a host must name this server, and one without a slash is relative to the service
 * root. What JSON can hold and a URL cannot, such as the spaces of a filter, is encoded.
 *
 * @throws Failure `foreignHost`
 */
function pathOf(written: string, asked: Asked, base: string): string {
  const url = written.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent);
  const [, authority, rest] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (authority === undefined || rest === undefined) return url.startsWith('/') ? url : base + url;
  const own = [asked.header('host')?.toLowerCase(), asked.origin.replace(/^.*\/\//, '')];
  if (!own.includes(authority.toLowerCase())) throw failure('foreignHost');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The answers as members of the list, in the order of their requests. */
function* inOrder(items: readonly { readonly id: string }[], results: ReadonlyMap<string, ItemResult>) {
  for (const { id } of items) {
    const result = results.get(id.toLowerCase());
    if (result !== undefined) yield responseText(result);
  }
}

function responseText({ item, answer }: ItemResult): string {
  const headers: Record<string, string> = {};
  for (let at = 0; at < answer.headers.length; at += 2) {
    const name = (answer.headers[at] ?? '').toLowerCase();
    const value = answer.headers[at + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const group = item.group === undefined ? '' : `,"atomicityGroup":${JSON.stringify(item.group)}`;
  const body = bodyText(answer, headers['content-type'] ?? '');
  const start = `{"id":${JSON.stringify(item.id)}${group},"status":${answer.status}`;
  return `${start},"headers":${JSON.stringify(headers)}${body === undefined ? '' : `,"body":${body}`}}`;
}

/** JSON as it is, a text as a text, anything else in base64url. */
function bodyText({ body }: Outgoing, contentType: string): string | undefined {
  if (body === undefined || contentType.startsWith('application/json')) return body;
  return JSON.stringify(contentType.startsWith('text/') ? body : Buffer.from(body).toString('base64url'));
}
