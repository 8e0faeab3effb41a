import type { IncomingHttpHeaders } from 'node:http';
import { type Fault, failure, positionOf } from '@cosell/model';

/** What a route takes as its body. */
export interface BodyForm {
  /** Media types, the usual one first. */
  readonly mediaTypes: readonly string[];
  /** Bytes at most. */
  readonly limit: number;
}

/** Where a body comes from. */
export interface BodySource {
  readonly headers: IncomingHttpHeaders;
  /** Its bytes as they arrive; an iterator that is left early leaves the source as it is. */
  iterator(options: { destroyOnReturn: boolean }): AsyncIterable<unknown>;
  /** Lets in what is still on its way, and throws it away. */
  resume(): unknown;
}

/** A body that is JSON: a megabyte at most (decision 29). */
export const jsonBody: BodyForm = { mediaTypes: ['application/json'], limit: 1_048_576 };

/**
 * Reads the body of a request: size and type first (decision 35). A Content-Type may be missing, have parameters, or
 * stand there twice, as real clients send it (decision 23).
 *
 * @throws Failure `bodyTooLarge`, `mediaTypeNotSupported`
 */
export async function readBody(request: BodySource, { mediaTypes, limit }: BodyForm): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLarge(request, limit);
  requireType(request, mediaTypes);
  return readBytes(request, limit);
}

/**
 * Reads the bytes of a body, of whatever type.
 *
 * @throws Failure `bodyTooLarge`
 */
export async function readBytes(request: BodySource, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(request, limit);
  const chunks: Buffer[] = [];
  let size = 0;
  // An iterator that is left early would destroy the request, and the connection with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) break;
    chunks.push(chunk);
  }
  if (size > limit) throw tooLarge(request, limit);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** What is still on its way is let in and thrown away, so that the client can hear the answer. */
function tooLarge(request: BodySource, limit: number) {
  request.resume();
  return failure('bodyTooLarge', { limit: String(limit) });
}

function requireType(request: BodySource, mediaTypes: readonly string[]): void {
  const { 'content-type': given, 'content-encoding': encoding } = request.headers;
  const accepted = mediaTypes.join(' or ');
  if (encoding !== undefined && !/^\s*(identity\s*)?$/i.test(encoding)) {
    throw failure('mediaTypeNotSupported', { given: `Content-Encoding ${encoding}`, accepted });
  }
  if (given === undefined || given.trim() === '') return;
  for (const part of given.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const charset = parameters
      .find((parameter) => /^charset\s*=/.test(parameter))
      ?.replace(/^charset\s*=\s*"?([^"]*)"?$/, '$1');
    const isKnown = mediaTypes.includes(type) || type === 'text/json' || type === '';
    if (!isKnown || !['utf-8', 'utf8', 'us-ascii', undefined].includes(charset)) {
      throw failure('mediaTypeNotSupported', { given, accepted });
    }
  }
}

/** Reads UTF-8, with a byte order mark or without (RFC 8259, section 8.1); undefined where the bytes are none. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A fault with the line and the column at which it stands. */
export function placed(fault: Fault, text: string): Fault {
  const { line, column } = positionOf(text, fault.offset);
  return { ...fault, message: `${fault.message} (line ${line}, column ${column})` };
}

const decoder = new TextDecoder('utf-8', { fatal: true });
