import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '@cosell/model';
import { type Exchange, type Outgoing, refused } from './answering.ts';
import { readBytes } from './body.ts';
import type { Origins } from './origin.ts';
import type { Route, Surface } from './route.ts';
import type { ServerParts } from './server-parts.ts';

/** A request as it came, for what answers by itself. */
export interface RawAsked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** This server's origin, as links should show it to this client. */
  readonly origin: string;
  /** Address of the client's machine. */
  readonly remoteAddress: string | undefined;
  readonly requestId: string;
}

/** An answer as it goes out. */
export interface RawAnswer {
  readonly status: number;
  /** Names and values in turn. They go before those that every answer has. */
  readonly headers: readonly string[];
  readonly body: string;
  /** What the log says of a refusal. */
  readonly innerCode: string | null;
}

/**
 * A route that has a protocol of its own: no token, no OData, its own errors. A request that names another host is refused
 * (decision 3), because what answers here takes cookies and writes addresses.
 */
export interface RawRoute extends Pick<Route, 'name' | 'method' | 'paths' | 'sentence'> {
  readonly raw: (surface: Surface, asked: RawAsked) => Promise<RawAnswer>;
}

/** The routes of each path. */
export function rawRoutesByPath(routes: readonly RawRoute[]): Map<string, RawRoute[]> {
  const found = new Map<string, RawRoute[]>();
  for (const route of routes) {
    for (const path of route.paths) found.set(path, [...(found.get(path) ?? []), route]);
  }
  return found;
}

/** Bytes of a body at most: forms are small. */
const bodyLimit = 65_536;

/** Answers a request to such a route. */
export async function answerRaw(parts: ServerParts, { raw }: RawRoute, exchange: Exchange): Promise<Outgoing> {
  const { request, requestId } = exchange;
  try {
    const origins: Origins = parts.origins();
    if (!origins.isOurs(request.host)) throw failure('hostNotOurs');
    parts.limits?.admitAddress(exchange);
    const answer = await raw(parts.surface, {
      method: request.method,
      url: request.url,
      parameters: (request.params ?? {}) as Record<string, string>,
      headers: request.headers,
      body: await readBytes(request.raw, bodyLimit),
      origin: origins.ofRequest(request.host, request.protocol),
      remoteAddress: request.ip ?? request.raw.socket.remoteAddress,
      requestId,
    });
    return { ...answer, headers: mergedHeaders(exchange.headers, answer.headers) };
  } catch (error) {
    return refused(parts, exchange, error);
  }
}

/** Headers of an answer, and of all answers what they do not say themselves. */
function mergedHeaders(common: readonly string[], own: readonly string[]): string[] {
  const names = new Set(own.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  const kept = common.filter((_, index) => !names.has((common[index - (index % 2)] ?? '').toLowerCase()));
  return [...kept, ...own];
}
