import type { Socket } from 'node:net';
import { type Failure, failure } from '@cosell/model';
import { type ErrorAnswer, errorAnswer } from './errors.ts';

/** Bytes that the URL and the headers may have together. */
export const headerLimit = 16_384;

/** What Node's HTTP parser reports. */
export interface ParserError extends Error {
  readonly code?: string;
  /** The bytes that could not be parsed: a Buffer, whatever the framework's types say. */
  readonly rawPacket?: unknown;
}

/** Why the HTTP parser gave up, in our words (decision 6). */
export function parserFailure(error: ParserError): Failure {
  if (error.code === 'HPE_HEADER_OVERFLOW') return failure('headersTooLarge', { limit: String(headerLimit) });
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return failure('requestTimeout');
  const requestLine = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1').split('\r\n', 1)[0] : '';
  if (/^[A-Z]+ .* .* HTTP\/1\.[01]$/.test(requestLine ?? '')) {
    return failure('malformedRequest', { reason: 'the URL holds a raw space; write %20 instead' });
  }
  return failure('malformedRequest', { reason: 'it cannot be parsed' });
}

/** Answers a request that never became one, in the same envelope, and closes the connection. */
export function refuseOnSocket(socket: Socket, refusal: Failure, headers: readonly string[]): ErrorAnswer {
  const answer = errorAnswer(refusal);
  const lines = [`HTTP/1.1 ${answer.status} ${reasonOf(answer.status)}`];
  const all = [...headers, ...answer.headers, 'Content-Type', 'application/json; charset=utf-8'];
  for (let at = 0; at < all.length; at += 2) lines.push(`${all[at]}: ${all[at + 1]}`);
  lines.push(`Content-Length: ${Buffer.byteLength(answer.body)}`, 'Connection: close', '', answer.body);
  socket.end(lines.join('\r\n'));
  return answer;
}

function reasonOf(status: number): string {
  if (status === 431) return 'Request Header Fields Too Large';
  return status === 408 ? 'Request Timeout' : 'Bad Request';
}
