import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type Provider from 'oidc-provider';
import { leaveContext } from './provider-library.ts';

/** A request to the provider's library, whole. */
export interface ProviderCall {
  readonly method: string;
  /** Path below the tenant, and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** This server's origin: it decides what cookies are like, and every address. */
  readonly origin: string;
}

/** What it has answered. */
export interface ProviderReply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string;
}

/** Requests that the library is answering. */
let underWay = 0;

/**
 * Lets the library answer a request as a value. It gets a request of its own, made from what was read of the real one, so
 * that neither a proxy nor the framework stands between, and writes to no connection.
 *
 * @param begun is told of that request before it is answered
 */
export function callProvider(
  provider: Provider,
  call: ProviderCall,
  begun: (request: IncomingMessage) => void,
): Promise<ProviderReply> {
  const socket = new Socket();
  Object.defineProperty(socket, 'encrypted', { value: call.origin.startsWith('https:') });
  const request = new IncomingMessage(socket);
  request.method = call.method;
  request.url = call.url;
  request.httpVersion = '1.1';
  const { body, headers } = call;
  Object.assign(request.headers, headers, { host: new URL(call.origin).host });
  if (body !== '') request.headers['content-length'] = String(Buffer.byteLength(body));
  request.push(body);
  request.push(null);
  begun(request);
  const response = new ServerResponse(request);
  return new Promise((resolve, reject) => {
    const end = (chunk?: unknown) => {
      resolve({
        status: response.statusCode,
        headers: headersOf(response),
        body: typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk.toString() : '',
      });
      return response;
    };
    response.end = end as typeof response.end;
    underWay += 1;
    provider
      .callback()(request, response)
      .catch(reject)
      .finally(() => {
        underWay -= 1;
        if (underWay === 0) leaveContext();
      });
  });
}

function headersOf(response: ServerResponse): string[] {
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => {
    // How long it is, is said by whoever sends it.
    if (value === undefined || name === 'content-length') return [];
    return [value].flat().flatMap((one) => [name, String(one)]);
  });
}
