import { expect } from 'vitest';
import type { WireAnswer } from './test-server.ts';

/** Where referrals are. */
export const collection = '/v1.0/engagements/referrals';
/** Where webhooks say that they are. */
export const alias = '/engagements/v1/referrals';
/** The documented example. */
export const documented = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';

export const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The eight documented codes. */
const codes = [
  'accessDenied',
  'generalException',
  'invalidRequest',
  'itemNotFound',
  'preconditionFailed',
  'resourceModified',
  'serviceNotAvailable',
  'unauthenticated',
];

/** An error as decision 6 has it. */
export interface Envelope {
  readonly code: string;
  readonly message: string;
  readonly target: string | null;
  readonly innerError: { readonly code: string; readonly message: string; readonly details: null };
  readonly details: readonly unknown[];
}

/** What an error answer must have at least, whether it came through our client or over a bare socket. */
type Answered = Pick<WireAnswer, 'status' | 'text'> & {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** Holds an answer to the envelope of decision 6, and gives what is in it. */
export function expectEnvelope(answer: Answered, status: number, innerCode?: string): Envelope {
  expect.soft(answer.status, answer.text).toBe(status);
  const { error, ...others } = JSON.parse(answer.text) as { error: Envelope };
  expect.soft(Object.keys(others)).toEqual([]);
  expect.soft(Object.keys(error)).toEqual(['code', 'message', 'target', 'innerError', 'details']);
  expect.soft(Object.keys(error.innerError)).toEqual(['code', 'message', 'details']);
  expect.soft(codes).toContain(error.code);
  expect.soft(error.message.length).toBeGreaterThan(0);
  expect.soft(error.message.length).toBeLessThanOrEqual(1024);
  expect.soft(error.innerError.message).not.toBe('');
  expect.soft(error.innerError.details).toBeNull();
  expect.soft(Array.isArray(error.details)).toBe(true);
  expect.soft(error.target === null || typeof error.target === 'string').toBe(true);
  if (innerCode !== undefined) expect.soft(error.innerError.code).toBe(innerCode);
  expect.soft(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect.soft(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
  expect.soft(answer.headers['request-id']).toMatch(guid);
  if (status === 401) expect.soft(answer.headers['www-authenticate']).toMatch(/^Bearer realm="cosell"/);
  if (status === 405) expect.soft(answer.headers.allow).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  if (status === 503) expect.soft(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  expectNoTrace(answer.text);
  return error;
}

/** Nothing of our code may show: no stack, no file, no words of the engine. */
export function expectNoTrace(text: string): void {
  expect
    .soft(text)
    .not.toMatch(
      /\\n\s+at |\bat \S+ \(|file:\/\/|node_modules|node:internal|\/dist\/|\.[jt]s:\d|Error:|FST_ERR|SQLITE/,
    );
}

/** Everything of an answer that may be compared: all but request ids and time. */
export function comparable({ status, rawHeaders, text }: WireAnswer) {
  const headers: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!['request-id', 'timestamp', 'date'].includes(name.toLowerCase()))
      headers.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  return { status, headers, text };
}

/** A text without what each server mints: new ids and tags are numbered as they appear, and times are left out. */
export function withoutMinted(text: string): string {
  const seen = new Map<string, string>();
  const number = (kind: string) => (minted: string) => {
    if (!seen.has(minted)) seen.set(minted, `<${kind} ${seen.size}>`);
    return seen.get(minted) ?? '';
  };
  return text
    .replaceAll(/[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{12}/g, number('tag'))
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, number('id'))
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z/g, '<time>');
}
