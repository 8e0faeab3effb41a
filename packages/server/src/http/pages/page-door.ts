import { METHODS } from 'node:http';
import { Failure, failure } from '@cosell/model';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../../config.ts';
import { randomText } from '../../identity/random-text.ts';
import { begin, deliver, type Ending, type Exchange, type IncomingRequest, refused } from '../answering.ts';
import { readBody } from '../body.ts';
import { queryStringOf } from '../canonical-url.ts';
import type { ServerParts } from '../server-parts.ts';
import { type CookieJar, readCookies } from './cookies.ts';
import { errorPage, type PageFrame } from './layout.ts';
import type { Page, PageRoute } from './page.ts';
import { formBody, requireOwnForm, xsrfCookie } from './page-form.ts';
import { pageHeaders } from './page-headers.ts';
import { pageRoutes } from './page-routes.ts';
import { chooseLanguage, type PhraseKey } from './phrases.ts';
import { sealOf } from './sealed.ts';

/** Lets browsers in to the pages. They have a door of their own: cookies and forms instead of tokens, HTML instead of JSON. */
export function addPages(server: FastifyInstance, parts: ServerParts): void {
  for (const path of new Set(pageRoutes.map((route) => route.path))) {
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const here = pageRoutes.filter((route) => route.path === path);
    const handler = (request: FastifyRequest, reply: FastifyReply) => serve(parts, here, request, reply);
    server.route({ method: [...METHODS], url, handler });
  }
}

async function serve(
  parts: ServerParts,
  here: readonly PageRoute[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  reply.hijack();
  const exchange = begin(parts, here[0]?.path ?? '', request);
  await deliver(parts, exchange, reply.raw, await answerPage(parts, here, { exchange, address: request.ip }));
}

/** A request on its way to its page. */
interface Visit {
  readonly exchange: Exchange;
  readonly address: string;
}

async function answerPage(
  parts: ServerParts,
  here: readonly PageRoute[],
  { exchange, address }: Visit,
): Promise<Ending> {
  const { request } = exchange;
  const nonce = randomText(16);
  forPages(exchange.headers, nonce);
  const acceptLanguage = request.headers['accept-language'];
  const query = new URLSearchParams(queryStringOf(request.url));
  let frame: PageFrame = { nonce, language: chooseLanguage(query.get('ui_locales') ?? undefined, acceptLanguage) };
  try {
    requireOwnHost(parts, request);
    parts.limits?.admitAddress(exchange);
    const route = routeFor(here, request.method);
    const cookies = readCookies(request.headers.cookie, isPlain(parts, request));
    const seal = await sealOf(parts.surface.store);
    let fields = query;
    if (route.method === 'POST') {
      fields = new URLSearchParams((await readBody(request.raw, formBody)).toString());
      frame = { nonce, language: chooseLanguage(fields.get('ui_locales') ?? undefined, acceptLanguage) };
      requireOwnForm(request.headers, { fields, cookies, seal }, (origin) => isSameOrigin(parts, request, origin));
    }
    const known = cookies.get(xsrfCookie);
    const kept = known ?? randomText();
    const page = await route.answer(parts.surface, {
      parameters: (request.params ?? {}) as Record<string, string>,
      fields,
      frame,
      xsrf: seal.mark('form', kept),
      cookies,
      cookieHeader: request.headers.cookie,
      acceptLanguage,
      address,
      requestId: exchange.requestId,
    });
    return outgoing(exchange, page, cookies, known === undefined ? { [xsrfCookie]: kept } : {});
  } catch (error) {
    if (request.raw.destroyed && !request.raw.complete) return { status: 499, innerCode: 'requestBrokenOff' };
    return refusal(parts, exchange, error, frame);
  }
}

function outgoing(
  { headers }: Exchange,
  { status, body, location, retryAfter, cookies = {} }: Page,
  jar: CookieJar,
  ownCookies: Readonly<Record<string, string>>,
): Ending {
  const all = [...headers];
  if (location !== undefined) all.push('Location', location);
  if (retryAfter !== undefined) all.push('Retry-After', String(retryAfter));
  for (const [name, value] of Object.entries({ ...ownCookies, ...cookies }))
    all.push('Set-Cookie', jar.set(name, value));
  if (body !== undefined) all.push('Content-Type', 'text/html; charset=utf-8');
  return { status, headers: all, body: body ?? '', innerCode: null };
}

/** Phrases for refusals that a person can do something about. */
const told: Readonly<Record<string, readonly [title: PhraseKey, help: PhraseKey]>> = {
  signInUnknown: ['expiredTitle', 'expiredHelp'],
  invitationNotAvailable: ['invitationGoneTitle', 'invitationGoneHelp'],
  formNotOurs: ['formTitle', 'formHelp'],
  hostNotOurs: ['hostTitle', 'hostHelp'],
};

/** A refusal: a page for whoever reads HTML, the documented envelope for all others. */
function refusal(parts: ServerParts, exchange: Exchange, error: unknown, frame: PageFrame): Ending {
  const plain = refused(parts, exchange, error);
  if (!/text\/html|application\/xhtml/.test(exchange.request.headers.accept ?? '')) return plain;
  const kind = error instanceof Failure ? error.kind : 'unexpected';
  const [title, help] = told[kind] ?? (['errorTitle', plain.status >= 500 ? 'brokenHelp' : undefined] as const);
  const text = error instanceof Failure ? error.message : '';
  const body = errorPage(frame, { title, help: help ?? { text }, requestId: exchange.requestId });
  const headers = [...plain.headers];
  headers[headers.lastIndexOf('Content-Type') + 1] = 'text/html; charset=utf-8';
  return { ...plain, headers, body };
}

/** Takes from the headers that every answer has what is said of data, and adds what is said of pages. */
function forPages(headers: string[], nonce: string): void {
  for (const name of ['OData-Version', 'Cache-Control', 'Vary']) {
    const at = headers.indexOf(name);
    if (at >= 0) headers.splice(at, 2);
  }
  headers.push(...pageHeaders(nonce));
}

/** Whatever can be asked for by GET can be asked for by HEAD. */
function routeFor(here: readonly PageRoute[], method: string): PageRoute {
  const route = here.find((one) => one.method === (method === 'HEAD' ? 'GET' : method));
  if (route !== undefined) return route;
  const allowed = here.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : [one.method]));
  throw failure('methodNotAllowed', { method, allowed: allowed.join(', ') });
}

/** A page under a name that is not ours could be another site's that points here (DNS rebinding). */
function requireOwnHost(parts: ServerParts, { host }: IncomingRequest): void {
  if (!parts.origins().isOurs(host)) throw failure('hostNotOurs');
}

/** Whether an origin is the address that a request, whose host is ours, came to. */
function isSameOrigin(parts: ServerParts, { host, protocol }: IncomingRequest, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const given = new URL(origin);
  return given.host === host.toLowerCase() || parts.origins().ofRequest(host, protocol) === given.origin;
}

/** Whether it is http to this very machine. */
function isPlain(parts: ServerParts, { host, protocol }: IncomingRequest): boolean {
  const { protocol: scheme, hostname } = new URL(parts.origins().ofRequest(host, protocol));
  return scheme === 'http:' && isLoopback(hostname);
}
