import { failure, type JsonNode, numberText, parseJson } from '@cosell/model';
import { foldName, parseQueryOptions } from '@cosell/odata';
import type { Outgoing } from '../answering.ts';
import { jsonBody } from '../body.ts';
import { headerLimit } from '../parser-refusal.ts';
import type { BatchItem } from './batch-envelope.ts';
import type { ItemRequest } from './item-door.ts';

/** A request of a batch that was answered. */
export interface ItemResult {
  readonly item: BatchItem;
  readonly request: ItemRequest;
  readonly answer: Outgoing;
}

/** The answer to a request by its id, where the one that refers to it waits for it; undefined for whatever is no reference. */
export type FindResult = (id: string) => ItemResult | undefined;

/** Names that stand for a part of OData's grammar, and never for a request (OData Protocol 4.01, section 11.7.4). */
const systemNames = new Set('batch crossjoin all entity root id metadata it this count value ref filter'.split(' '));

const firstSegment = /^\$([\w.~-]+)(?=[/?]|$)/;
const wholeText = /^\$([\w.~-]+)((?:\/[^/]+)*)$/;
/** A text of a query, or a reference in it. Within the text nothing refers to anything. */
const textOrReference = /'(?:[^']|'')*'?|\$([\w.~-]+)((?:\/@?[\w.]+)*)/g;
/** Headers in which a reference stands for the eTag of an answer (section 11.7.5). */
const conditionalHeaders = ['if-match', 'if-none-match'] as const;

/** The references that can be nothing else: as the first segment of the URL, and in place of an eTag. */
export function referencesIn({ url, headers }: BatchItem): { id: string; member: string }[] {
  const found: { id: string; member: string }[] = [];
  const [, inUrl] = firstSegment.exec(url) ?? [];
  if (inUrl !== undefined && !systemNames.has(inUrl.toLowerCase())) found.push({ id: inUrl, member: 'url' });
  for (const name of conditionalHeaders) {
    const [, inHeader] = firstSegment.exec(headers[name] ?? '') ?? [];
    if (inHeader !== undefined && headers[name] === `$${inHeader}`)
      found.push({ id: inHeader, member: `headers/${name}` });
  }
  return found;
}

/**
 * A request of a batch as it is sent, with what it refers to put in.
 *
 * @param text the batch
 * @param urlOf makes path and query of a URL as it is written
 * @throws Failure `referenceUnresolved`, `headersTooLarge`, `bodyTooLarge`, and whatever the functions throw
 */
export function resolveItem(
  item: BatchItem,
  text: string,
  { find, urlOf }: { find: FindResult; urlOf: (url: string) => string },
): ItemRequest {
  const { method } = item;
  const headers: Record<string, string> = Object.assign(Object.create(null), item.headers);
  for (const { id, member } of referencesIn(item)) {
    const result = member === 'url' ? undefined : find(id);
    if (result !== undefined) headers[member.slice('headers/'.length)] = eTagOf(result);
  }
  const asked = urlOf(withLocation(item.url, find));
  if (asked.length > headerLimit) throw urlTooLarge();
  const url = withValues(asked, find);
  const size = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, url.length);
  if (size > headerLimit) throw urlTooLarge();
  return { method, url, headers, body: bodyOf(item, text, find) };
}

/** Puts the path of what a request has created or answered in the place of its id (section 11.7.4). */
function withLocation(url: string, find: FindResult): string {
  const [whole = '', id] = firstSegment.exec(url) ?? [];
  if (id === undefined || systemNames.has(id.toLowerCase())) return url;
  const result = find(id);
  if (result === undefined) return url;
  const location = headerOf(result.answer, 'location');
  if (location === undefined && result.request.method === 'POST') {
    throw failure('referenceUnresolved', { reference: whole, reason: 'the request has created nothing' });
  }
  const path = location?.replace(/^https?:\/\/[^/]*/i, '') ?? result.request.url.replace(/\?.*$/s, '');
  return path + url.slice(whole.length);
}

function eTagOf({ item, answer }: ItemResult): string {
  const eTag = headerOf(answer, 'etag');
  if (eTag !== undefined) return eTag;
  throw failure('referenceUnresolved', { reference: `$${item.id}`, reason: 'the answer has no eTag' });
}

/** A header of an answer. */
export function headerOf({ headers }: Outgoing, name: string): string | undefined {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : headers[at + 1];
}

/** Puts values of answers, as OData literals, into the query of a URL (section 11.7.6). */
function withValues(url: string, find: FindResult): string {
  const question = url.indexOf('?');
  if (question < 0) return url;
  let added = 0;
  const pairs = url
    .slice(question + 1)
    .split('&')
    .map((pair) => {
      // What cannot be decoded is refused where it is read.
      const [option] = parseQueryOptions(pair) ?? [];
      const value = option?.value.replace(textOrReference, (whole: string, id?: string, path = '') => {
        if (id === undefined || systemNames.has(id.toLowerCase())) return whole;
        const result = find(id);
        if (result === undefined) return whole;
        const literal = literalOf(valueAt(result, path, whole), whole);
        added += literal.length;
        // So many references can stand in one URL that their values would not fit into memory.
        if (added > headerLimit) throw urlTooLarge();
        return literal;
      });
      if (option === undefined || value === option.value) return pair;
      return `${pair.slice(0, pair.indexOf('='))}=${encodeURIComponent(value ?? '')}`;
    });
  return `${url.slice(0, question)}?${pairs.join('&')}`;
}

/** What a request of its own would be told (`parser-refusal.ts`). */
function urlTooLarge() {
  return failure('headersTooLarge', { limit: String(headerLimit) });
}

function literalOf({ node, text }: Found, reference: string): string {
  if (node.type === 'string') return `'${String(node.value).replaceAll("'", "''")}'`;
  if (node.type === 'number') return numberText(text, node);
  if (node.type === 'object' || node.type === 'array') {
    throw failure('referenceUnresolved', { reference, reason: 'there is no single value at its end' });
  }
  return String(node.value);
}

/** The body of a request: its own text, letter by letter, but for the texts that are references. */
function bodyOf({ body }: BatchItem, text: string, find: FindResult): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (body.kind === 'bytes') return body.bytes;
  const { offset, length } = body.node;
  const pieces: string[] = [];
  let end = offset;
  let added = 0;
  for (const node of textsIn(body.node)) {
    const value = referencedBy(String(node.value), find);
    if (value === undefined) continue;
    pieces.push(text.slice(end, node.offset), value);
    end = node.offset + node.length;
    added += value.length;
    if (added > jsonBody.limit) throw failure('bodyTooLarge', { limit: String(jsonBody.limit) });
  }
  pieces.push(text.slice(end, offset + length));
  return Buffer.from(pieces.join(''));
}

/** The texts of a body that may be references, in their order. */
function* textsIn(node: JsonNode): Generator<JsonNode> {
  if (node.type === 'string' && String(node.value).startsWith('$')) yield node;
  for (const item of node.items) yield* textsIn(item);
  for (const { value } of node.members) yield* textsIn(value);
}

/** The JSON that takes the place of a text which is a reference. */
function referencedBy(written: string, find: FindResult): string | undefined {
  const [whole = '', id, path = ''] = wholeText.exec(written) ?? [];
  const result = id === undefined ? undefined : find(id);
  if (result === undefined) return undefined;
  const { node, text } = valueAt(result, path, whole);
  return text.slice(node.offset, node.offset + node.length);
}

interface Found {
  readonly node: JsonNode;
  readonly text: string;
}

/** Answers that were referred to, read once each. */
const readAnswers = new WeakMap<Outgoing, ReturnType<typeof parseJson>>();

/** The value that a path leads to within an answer; an item of a list is named by its place. */
function valueAt({ answer }: ItemResult, path: string, reference: string): Found {
  const text = answer.body ?? '';
  const parsed = readAnswers.get(answer) ?? parseJson(text);
  readAnswers.set(answer, parsed);
  if ('faults' in parsed) throw failure('referenceUnresolved', { reference, reason: 'the answer has no JSON' });
  let node: JsonNode | undefined = parsed.root;
  for (const step of path.split('/').slice(1)) {
    if (node?.type === 'array') node = /^\d{1,6}$/.test(step) ? node.items[Number(step)] : undefined;
    else node = node?.members.find(({ name }) => foldName(name) === foldName(step))?.value;
  }
  if (node === undefined) throw failure('referenceUnresolved', { reference, reason: 'the answer has no such member' });
  return { node, text };
}
