import { createOperations } from '@cosell/server';
import { expect } from 'vitest';
import { collection, type Envelope, expectEnvelope } from './answers.ts';
import type { Asking, TestServer, WireAnswer } from './test-server.ts';

/** A referral as it is answered. */
export interface Answered {
  readonly id: string;
  readonly engagementId: string;
  readonly eTag: string;
  readonly status: string;
  readonly substatus: string;
  readonly updatedDateTime: string;
  readonly [name: string]: unknown;
}

/** One operation of a patch, before it is text. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

type Headers = Readonly<Record<string, string>>;
/** A body: text as it is, or a value that becomes JSON. */
export type Body = string | object;

/** Requests of one user that write. */
export interface Writer {
  send(method: string, path: string, body?: Body, headers?: Headers): Promise<WireAnswer>;
  post(body: Body, headers?: Headers): Promise<WireAnswer>;
  patch(id: string, body: Body, headers?: Headers): Promise<WireAnswer>;
  put(id: string, body: Body, headers?: Headers): Promise<WireAnswer>;
  /** The referral as this user reads it. */
  read(id: string): Promise<Answered>;
  /** Creates a referral that has no fault. */
  create(body: Body, headers?: Headers): Promise<Answered>;
}

/** Writes as a sample user, with one token. */
export function writingAs(server: TestServer, user: string): Writer {
  let token: Promise<string> | undefined;
  const send: Writer['send'] = async (method, path, body, headers = {}) => {
    token ??= server.tokenOf(user);
    const authorization = `Bearer ${await token}`;
    return server.ask(path, asking(method, body, { authorization, ...headers }));
  };
  const writer: Writer = {
    send,
    post: (body, headers) => send('POST', collection, body, headers),
    patch: (id, body, headers) => send('PATCH', `${collection}/${id}`, body, headers),
    put: (id, body, headers) => send('PUT', `${collection}/${id}`, body, headers),
    read: async (id) => answeredIn(await send('GET', `${collection}/${id}`)),
    create: async (body, headers) => answeredIn(await writer.post(body, headers)),
  };
  return writer;
}

function asking(method: string, body: Body | undefined, headers: Headers): Asking {
  if (body === undefined) return { method, headers };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method, headers: { 'content-type': 'application/json', ...headers }, body: text };
}

/** The referral of an answer that must be 200. */
export function answeredIn(answer: WireAnswer): Answered {
  expect(answer.status, answer.text).toBe(200);
  return answer.json<Answered>();
}

/** A fault of a body, as the answer names it. */
export interface NamedFault {
  readonly code: string;
  readonly target: string;
  readonly message: string;
}

/** The faults of an answer that must be 400 because of its body. */
export function faultsIn(answer: WireAnswer, innerCode = 'invalidBody'): readonly NamedFault[] {
  return detailsOf(expectEnvelope(answer, 400, innerCode));
}

/** Code and pointer of each fault, in their order. */
export function faultNames(answer: WireAnswer, innerCode = 'invalidBody'): string[] {
  return faultsIn(answer, innerCode).map(({ code, target }) => `${code} ${target}`);
}

/** The details of an error. */
export function detailsOf({ details }: Envelope): readonly NamedFault[] {
  return details as readonly NamedFault[];
}

/** The warnings of an answer, each as `<pointer> <code>`. */
export function warningsIn({ headers }: WireAnswer): string[] {
  const header = headers['cosell-warning'];
  return header === undefined ? [] : String(header).split(', ');
}

/** A request to the sandbox, with the operator's token. */
export async function askSandbox(server: TestServer, path: string, body?: Body, method = 'POST'): Promise<WireAnswer> {
  const { store, issuer } = server.exchange;
  const { token } = await createOperations(store, issuer, () => server.origin).mintToken({ operator: true });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return server.ask(`/_sandbox${path}`, { ...asking(method, body, {}), headers });
}
