import type { ServerOptions } from 'node:http';
import type { Certificate } from '../certificates.ts';
import { headerLimit } from './parser-refusal.ts';

/** How a server takes connections: by HTTPS where it has a certificate. */
export function connectionOptions(certificate: Certificate | undefined): { http: ServerOptions } {
  // Node refuses a request without Host in words of its own; `requireHost` has ours.
  const http = { maxHeaderSize: headerLimit, requireHostHeader: false };
  if (certificate === undefined) return { http };
  const { cert, key } = certificate;
  // A server of HTTPS is one of HTTP with a certificate; the framework has a type for each.
  return { https: { ...http, cert, key } } as unknown as { http: ServerOptions };
}
