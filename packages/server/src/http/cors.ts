import type { IncomingHttpHeaders } from 'node:http';
import { varyBy } from './common-headers.ts';

/** Headers that a page may send: what this API reads, and what OData clients send along. */
const allowedHeaders = [
  'Accept',
  'Authorization',
  'client-request-id',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'MS-CorrelationId',
  'MS-RequestId',
  'OData-MaxVersion',
  'OData-Version',
  'Prefer',
  'Repeatability-Client-ID',
  'Repeatability-First-Sent',
  'Repeatability-Request-ID',
  'ValidateMfa',
  'X-Caller-Id',
].join(', ');

/** Headers of answers that a page may read, beside those that any page may. */
const exposedHeaders = [
  'Accept-Patch',
  'Allow',
  'client-request-id',
  'Cosell-Extension',
  'Cosell-Warning',
  'Deprecation',
  'ETag',
  'isMfaCompliant',
  'Location',
  'MS-CorrelationId',
  'MS-RequestId',
  'OData-Version',
  'Preference-Applied',
  'Repeatability-Result',
  'request-id',
  'Retry-After',
  'timestamp',
  'WWW-Authenticate',
].join(', ');

/** Seconds for which a browser need not ask again; Chromium remembers no longer. */
const maxAgeSeconds = '7200';

/**
 * Where no page of another origin may read, whoever asks: the sandbox (decision 36), and the metrics, which are opened by
 * where a request comes from and not by a token.
 */
const closedPaths = /^\/+(_sandbox|metrics)(\/|\?|$)/i;

/** Lets pages of other origins in (the Fetch standard, section 3.3), never with cookies: there are none. */
export interface Cors {
  /** Adds to the headers of an answer what lets the page that asks read it. */
  mark(headers: string[], path: string, asked: IncomingHttpHeaders): void;
  /** Whether a path is closed to pages of other origins, so that a batch of theirs does not reach it either. */
  isClosed(path: string): boolean;
  /** What else answers a preflight; undefined where a request is none, or none that is let in. */
  preflight(path: string, asked: IncomingHttpHeaders, allowed: readonly string[]): readonly string[] | undefined;
}

/** Sharing with some origins, or with all by `*`; undefined where there are none, and then no answer changes. */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined;
  const isForAll = origins.includes('*');
  const known = new Set(origins);
  const isLetIn = (path: string, { origin }: IncomingHttpHeaders) =>
    origin !== undefined && (isForAll || known.has(origin)) && !closedPaths.test(path);
  return {
    isClosed: (path) => closedPaths.test(path),
    mark(headers, path, asked) {
      varyBy(headers, 'Origin');
      if (!isLetIn(path, asked)) return;
      headers.push('Access-Control-Allow-Origin', isForAll ? '*' : String(asked.origin));
      headers.push('Access-Control-Expose-Headers', exposedHeaders);
    },
    preflight(path, asked, allowed) {
      if (asked['access-control-request-method'] === undefined || !isLetIn(path, asked)) return undefined;
      return [
        'Access-Control-Allow-Methods',
        allowed.join(', '),
        'Access-Control-Allow-Headers',
        allowedHeaders,
        'Access-Control-Max-Age',
        maxAgeSeconds,
      ];
    },
  };
}
