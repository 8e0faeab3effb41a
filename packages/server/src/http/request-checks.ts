import { failure } from '@cosell/model';
import type { IncomingRequest } from './answering.ts';
import { hintFor } from './near-misses.ts';

/** HTTP/1.1 demands a Host header (RFC 9112, section 3.2). */
export function requireHost({ raw }: IncomingRequest): void {
  if (raw.headers.host !== undefined || raw.httpVersion !== '1.1') return;
  throw failure('malformedRequest', { reason: 'HTTP/1.1 needs a Host header' });
}

/** What the path names. A segment that begins with $ is a part of OData's grammar and never an id (decision 1). */
export function readParameters(request: Pick<IncomingRequest, 'params' | 'url'>): Record<string, string> {
  const parameters = (request.params ?? {}) as Record<string, string>;
  const [name] = Object.values(parameters);
  if (name?.startsWith('$') === true) throw failure('routeNotFound', { hint: hintFor(request.url) });
  return parameters;
}

/** The value of a header, also where it was sent twice. */
export function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
