import { type JsonNode, parseJson } from '@cosell/model';
import { expect } from 'vitest';
import { type Envelope, expectEnvelope } from './answers.ts';
import type { Json } from './documented-requests.ts';
import type { TestServer, WireAnswer } from './test-server.ts';
import type { Body, Writer } from './writing.ts';

/** Where batches are sent to, beside each `$metadata`. */
export const batchPaths = ['/v1.0/engagements/$batch', '/v1.0/$batch', '/v1.0/engagements/referrals/$batch'] as const;

/** A request of a batch, before it is text. */
export interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly atomicityGroup?: string;
  readonly dependsOn?: readonly string[];
  readonly if?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The answer to one request of a batch. */
export interface ItemAnswer {
  readonly id: string;
  readonly atomicityGroup: string | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, byte by byte as it stands in the answer of the batch; empty where there is none. */
  readonly text: string;
  json(): Json;
}

/** Sends a batch that has no fault as a whole, and gives its answers. */
export async function sendBatch(
  writer: Pick<Writer, 'send'>,
  requests: readonly Item[] | string,
  headers: Readonly<Record<string, string>> = {},
  path: string = batchPaths[0],
): Promise<ItemAnswer[]> {
  const body: Body = typeof requests === 'string' ? requests : { requests };
  return answersOf(await writer.send('POST', path, body, headers));
}

/** The answers of a batch, in their order. */
export function answersOf(answer: WireAnswer): ItemAnswer[] {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers['cosell-extension']).toBe('batch');
  const parsed = parseJson(answer.text);
  if ('faults' in parsed) throw new Error(`the answer is not JSON: ${JSON.stringify(parsed.faults)}`);
  const [responses] = parsed.root.members;
  expect(parsed.root.members.map(({ name }) => name)).toEqual(['responses']);
  return (responses?.value.items ?? []).map((node) => itemAnswer(answer.text, node));
}

/** The statuses of answers, by the ids of their requests. */
export function statusesOf(answers: readonly ItemAnswer[]): Record<string, number> {
  return Object.fromEntries(answers.map(({ id, status }) => [id, status]));
}

/** The answer to a request of a batch as it would be by itself: there its bytes are counted. */
export function asAlone({ status, headers, text }: ItemAnswer) {
  return { status, text, headers: { ...headers, 'content-length': String(Buffer.byteLength(text)) } };
}

/** Holds the answer to a request of a batch to the envelope of an error. */
export function expectItemError(answer: ItemAnswer | undefined, wanted: number, innerCode: string): Envelope {
  if (answer === undefined) throw new Error('there is no such answer');
  return expectEnvelope(asAlone(answer), wanted, innerCode);
}

/** Does something while every look at the server's clock takes so many milliseconds. */
export async function whileTimeFlies<Result>(
  { clock }: TestServer,
  stepMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  let aheadMs = 0;
  const next = () => {
    aheadMs += stepMs;
    return aheadMs;
  };
  Object.defineProperty(clock, 'aheadMs', { get: next, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(clock, 'aheadMs', { value: 0, writable: true, configurable: true });
  }
}

function itemAnswer(text: string, node: JsonNode): ItemAnswer {
  const slice = (value: JsonNode | undefined) =>
    value === undefined ? '' : text.slice(value.offset, value.offset + value.length);
  const member = (name: string) => node.members.find((one) => one.name === name)?.value;
  const body = slice(member('body'));
  const group = member('atomicityGroup');
  return {
    id: String(member('id')?.value),
    atomicityGroup: group === undefined ? undefined : String(group.value),
    status: Number(slice(member('status'))),
    headers: JSON.parse(slice(member('headers'))) as Record<string, string>,
    text: body,
    json: () => JSON.parse(body) as Json,
  };
}
