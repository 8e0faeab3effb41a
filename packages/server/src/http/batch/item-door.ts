import type { IncomingHttpHeaders } from 'node:http';
import type { Store } from '../../store/store.ts';
import type { Ending, IncomingRequest, Outgoing } from '../answering.ts';

/** A request of a batch, as it would have been sent by itself. */
export interface ItemRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The way in for the requests of a batch: the same as for any other request, with the token of the batch. */
export interface Door {
  /** The path below which the URLs of the batch are that do not begin with a slash. */
  readonly base: string;
  /** Answers a request. Its writes go to the store, or to where they are gathered. */
  answer(item: ItemRequest, writes?: Pick<Store, 'transact'>): Promise<Ending>;
  /** Refuses a request that is not to be let in. */
  refuse(item: ItemRequest, error: unknown): Outgoing;
}

/** What a request of a batch has in common with the batch: who sends it, from where and to which address. */
const inherited = ['host', 'authorization', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

/** A request of a batch in the form in which all requests are read. */
export function incomingItem(
  outer: IncomingRequest,
  { method, url, headers, body, params }: ItemRequest & { readonly params: IncomingRequest['params'] },
): IncomingRequest {
  const own: IncomingHttpHeaders = Object.create(null);
  Object.assign(own, headers);
  for (const name of inherited) {
    delete own[name];
    if (outer.headers[name] !== undefined) own[name] = outer.headers[name];
  }
  const { host, protocol, ip, raw } = outer;
  const { httpVersion, socket } = raw;
  const source = { headers: own, iterator: () => chunksOf(body), resume: () => undefined };
  const whole = { ...source, httpVersion, socket, destroyed: false, complete: true };
  return { method, url, headers: own, host, protocol, ip, params, raw: whole, isItem: true };
}

async function* chunksOf(body: Buffer): AsyncGenerator<Buffer> {
  if (body.length > 0) yield body;
}
