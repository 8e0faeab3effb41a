import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AccessCheckName, Failure } from '@cosell/model';
import type { KnownToken } from '../identity/token-verifier.ts';
import type { Observe } from '../observations.ts';
import type { Store, Surroundings } from '../store/store.ts';
import type { BodySource } from './body.ts';
import { commonHeaders, varyBy } from './common-headers.ts';
import { type Compress, type ContentCoding, chooseCoding, leastCompressed } from './compression.ts';
import type { Cors } from './cors.ts';
import { errorAnswer } from './errors.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RefusalLedger } from './refusal-ledger.ts';
import type { Answer } from './route.ts';

/** What answering needs. */
interface AnswerParts {
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  /** Who may read answers from pages of other origins; undefined for nobody. */
  readonly cors: Cors | undefined;
  /** Where refusals go that the audit records. */
  readonly refusals: RefusalLedger;
  /** How often users, organisations and addresses may ask; undefined for as often as they like. */
  readonly limits: RateLimits | undefined;
}

/** A request as it is read: one that came by a connection of its own, or one of a batch. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly host: string;
  readonly protocol: string;
  /** The address that it came from, as far as proxies are trusted. */
  readonly ip: string;
  /** What the path names. */
  readonly params: unknown;
  /** Whether it is one of a batch. */
  readonly isItem?: true;
  readonly raw: BodySource & {
    readonly httpVersion: string;
    readonly socket: Socket;
    readonly destroyed: boolean;
    readonly complete: boolean;
  };
}

/** One request on its way to its answer. */
export interface Exchange extends KnownToken {
  readonly requestId: string;
  readonly route: string;
  readonly request: IncomingRequest;
  readonly headers: string[];
  readonly startedAt: number;
  /** Whose bucket of tokens it counts for, once that is known. */
  userKey: string | undefined;
  /** Where its writes go, if not to the store by themselves. */
  readonly writes: Pick<Store, 'transact'> | undefined;
}

/** An answer on its way out, whole; `headers` are names and values in turn, and its own to add to. */
export interface Outgoing {
  readonly status: number;
  readonly headers: string[];
  readonly body: string | undefined;
  /** Bytes of the body in UTF-8, where they are known without counting. */
  readonly byteLength?: number | undefined;
  /** How the body is compressed, if the connection's client likes that; what is one of a batch is not. */
  readonly compress?: Compress | undefined;
  /** The inner code of a refusal. */
  readonly innerCode: string | null;
  /** The check that has failed, where somebody is refused what he may not do. */
  readonly check?: AccessCheckName | undefined;
}

/** No answer at all: the client has gone, or is to think that the network has broken. */
export interface Silence {
  readonly status: 499;
  readonly check?: undefined;
  readonly innerCode: 'requestBrokenOff' | 'answerLost';
}

/** How a request ends. */
export type Ending = Outgoing | Silence;

/** Whether a request ends without an answer. */
export function isSilence(ending: Ending): ending is Silence {
  return ending.status === 499;
}

/** Begins to answer a request. */
export function begin(
  { surroundings, cors }: AnswerParts,
  route: string,
  request: IncomingRequest,
  writes?: Exchange['writes'],
): Exchange {
  const requestId = surroundings.ids.guid();
  const headers = commonHeaders(requestId, surroundings.clock.now(), request.headers);
  cors?.mark(headers, request.url, request.headers);
  return {
    requestId,
    route,
    request,
    headers,
    startedAt: surroundings.stopwatch(),
    writes,
    claims: undefined,
    userKey: undefined,
  };
}

/** What a route answers, ready to be sent. */
export function answered(exchange: Exchange, answer: Answer, mediaType: string): Outgoing {
  const { status, body, byteLength, headers = [], compress } = answer;
  if (compress !== undefined) varyBy(exchange.headers, 'Accept-Encoding');
  const all = [...exchange.headers, ...headers];
  if (body !== undefined) all.push('Content-Type', contentType(answer.mediaType ?? mediaType));
  return { status, headers: all, body, byteLength, compress, innerCode: null };
}

/** A refusal, ready to be sent; whatever else was thrown is a bug, and is told to nobody but the log. */
export function refused(parts: AnswerParts, exchange: Exchange, error: unknown): Outgoing {
  const { requestId } = exchange;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof Failure)) parts.observe({ kind: 'requestBroken', requestId, error: cause });
  else if (error.kind === 'storeUnavailable' && error.cause instanceof Error) {
    parts.observe({ kind: 'storeFailed', requestId, error: error.cause });
  }
  const { status, headers, body, innerCode, check } = errorAnswer(error);
  const all = [...exchange.headers, ...headers, 'Content-Type', contentType('application/json')];
  return { status, headers: all, body, innerCode, check };
}

/** Ends a request that came by a connection. */
export async function deliver(
  parts: AnswerParts,
  exchange: Exchange,
  raw: ServerResponse,
  ending: Ending,
): Promise<void> {
  if (!isSilence(ending)) {
    const coding = codingOf(exchange, ending);
    if (coding === undefined) write(exchange, raw, ending);
    else await writeCompressed(exchange, raw, ending, coding);
  }
  if (ending.innerCode === 'answerLost') raw.destroy();
  finish(parts, exchange, ending);
}

function write({ request }: Exchange, raw: ServerResponse, { status, headers, body, byteLength }: Outgoing): void {
  if (body === undefined) {
    raw.writeHead(status, headers);
    raw.end();
    return;
  }
  const length = byteLength ?? Buffer.byteLength(body);
  headers.push('Content-Length', String(length));
  raw.writeHead(status, headers);
  // Where every character is a byte, Latin-1 is the same text as UTF-8, and nobody need count or encode it.
  if (request.method === 'HEAD') raw.end();
  else raw.end(body, length === body.length ? 'latin1' : 'utf8');
}

/** The coding by which an answer is compressed: the one that the client likes best, where the body is worth it. */
function codingOf({ request }: Exchange, { body, byteLength, compress }: Outgoing): ContentCoding | undefined {
  if (compress === undefined || body === undefined) return undefined;
  const accepted = request.headers['accept-encoding'];
  const coding = typeof accepted === 'string' ? chooseCoding(accepted) : undefined;
  return coding !== undefined && (byteLength ?? Buffer.byteLength(body)) >= leastCompressed ? coding : undefined;
}

/** HEAD is told the same length, so the work is the same. */
async function writeCompressed(
  { request }: Exchange,
  raw: ServerResponse,
  { status, headers, body = '', compress }: Outgoing,
  coding: ContentCoding,
): Promise<void> {
  const bytes = await compress?.(body, coding);
  headers.push('Content-Encoding', coding, 'Content-Length', String(bytes?.length ?? 0));
  raw.writeHead(status, headers);
  raw.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Observes how a request ended. */
export function finish(parts: AnswerParts, exchange: Exchange, ending: Ending): void {
  const { status, innerCode, check } = ending;
  const { requestId, route, request, startedAt, claims } = exchange;
  const { method } = request;
  const durationMs = Math.round((parts.surroundings.stopwatch() - startedAt) * 1000) / 1000;
  const seen = { kind: 'requestAnswered', requestId, method, route, status, durationMs, innerCode } as const;
  if (innerCode !== null) parts.limits?.settle(exchange, ending);
  if (check === undefined || innerCode === null) return void parts.observe(seen);
  parts.observe({ ...seen, check });
  if (claims === undefined || (status !== 401 && status !== 403)) return;
  const { tenantId, subject, clientId, isOperator } = claims;
  parts.refusals.note({ tenantId, subject, clientId, isOperator, requestId, code: innerCode, check, route });
}

function contentType(mediaType: string): string {
  return mediaType.includes(';') ? mediaType : `${mediaType}; charset=utf-8`;
}
