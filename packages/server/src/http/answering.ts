import type { ServerResponse } from 'node:http';
import { Failure } from '@cosell/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observe } from '../observations.ts';
import type { Surroundings } from '../store/store.ts';
import { commonHeaders, varyBy } from './common-headers.ts';
import { chooseCoding, leastCompressed } from './compression.ts';
import type { Cors } from './cors.ts';
import { errorAnswer } from './errors.ts';
import type { Answer } from './route.ts';

/** What answering needs. */
interface AnswerParts {
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  /** Who may read answers from pages of other origins; undefined for nobody. */
  readonly cors: Cors | undefined;
}

/** One request on its way to its answer. */
export interface Exchange {
  readonly requestId: string;
  readonly route: string;
  readonly request: FastifyRequest;
  readonly raw: ServerResponse;
  readonly headers: string[];
  readonly startedAt: number;
}

/** Begins to answer a request. */
export function begin(
  { surroundings, cors }: AnswerParts,
  route: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Exchange {
  // The answer is written by `send`, bytes as they are; the framework's own serialisation has no part in it.
  reply.hijack();
  const requestId = surroundings.ids.guid();
  const headers = commonHeaders(requestId, surroundings.clock.now(), request.headers);
  cors?.mark(headers, request.url, request.headers);
  return { requestId, route, request, raw: reply.raw, headers, startedAt: surroundings.stopwatch() };
}

/** An answer that never arrives, as when the network breaks after the work is done. */
export function loseAnswer(parts: AnswerParts, exchange: Exchange): void {
  exchange.raw.destroy();
  finish(parts, exchange, 499, 'answerLost');
}

/** Sends what a route answers. */
export function send(parts: AnswerParts, exchange: Exchange, answer: Answer, mediaType: string): void {
  const { status, body, byteLength, headers = [] } = answer;
  const all = [...exchange.headers, ...headers];
  if (body !== undefined) all.push('Content-Type', contentType(answer.mediaType ?? mediaType));
  write(exchange, status, { headers: all, body, byteLength });
  finish(parts, exchange, status, null);
}

/**
 * Sends what a route answers and compresses, by the coding that the client likes best. HEAD is told the same length, so
 * the work is the same.
 */
export async function sendCompressed(
  parts: AnswerParts,
  exchange: Exchange,
  answer: Answer,
  mediaType: string,
): Promise<void> {
  const { body, compress } = answer;
  varyBy(exchange.headers, 'Accept-Encoding');
  const accepted = exchange.request.headers['accept-encoding'];
  const coding = typeof accepted === 'string' ? chooseCoding(accepted) : undefined;
  const isLarge = body !== undefined && (answer.byteLength ?? Buffer.byteLength(body)) >= leastCompressed;
  if (compress === undefined || body === undefined || coding === undefined || !isLarge) {
    return send(parts, exchange, answer, mediaType);
  }
  const { request, raw } = exchange;
  const bytes = await compress(body, coding);
  raw.writeHead(answer.status, [
    ...exchange.headers,
    ...(answer.headers ?? []),
    'Content-Type',
    contentType(answer.mediaType ?? mediaType),
    'Content-Encoding',
    coding,
    'Content-Length',
    String(bytes.length),
  ]);
  raw.end(request.method === 'HEAD' ? undefined : bytes);
  finish(parts, exchange, answer.status, null);
}

/** Sends a refusal; whatever else was thrown is a bug, and is told to nobody but the log. */
export function refuse(parts: AnswerParts, exchange: Exchange, error: unknown): void {
  const { requestId } = exchange;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof Failure)) parts.observe({ kind: 'requestBroken', requestId, error: cause });
  else if (error.kind === 'storeUnavailable' && error.cause instanceof Error) {
    parts.observe({ kind: 'storeFailed', requestId, error: error.cause });
  }
  const { status, headers, body, innerCode } = errorAnswer(error);
  const all = [...exchange.headers, ...headers, 'Content-Type', contentType('application/json')];
  write(exchange, status, { headers: all, body });
  finish(parts, exchange, status, innerCode);
}

/** An answer on its way out; `headers` are its own to add to. */
interface Outgoing {
  readonly headers: string[];
  readonly body: string | undefined;
  readonly byteLength?: number | undefined;
}

function write({ request, raw }: Exchange, status: number, { headers, body, byteLength }: Outgoing): void {
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

/** Observes how a request ended. */
export function finish(parts: AnswerParts, exchange: Exchange, status: number, innerCode: string | null): void {
  const { requestId, route, request, startedAt } = exchange;
  const durationMs = Math.round((parts.surroundings.stopwatch() - startedAt) * 1000) / 1000;
  parts.observe({ kind: 'requestAnswered', requestId, method: request.method, route, status, durationMs, innerCode });
}

function contentType(mediaType: string): string {
  return mediaType.includes(';') ? mediaType : `${mediaType}; charset=utf-8`;
}
