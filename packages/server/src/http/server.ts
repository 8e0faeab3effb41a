import { METHODS } from 'node:http';
import { failure } from '@cosell/model';
import { parseResourcePath } from '@cosell/odata';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { AdmittedCaller } from '../domain/caller.ts';
import { admit } from '../domain/visibility.ts';
import type { ProvedClaims } from '../identity/claims.ts';
import { findCaller } from '../identity/find-caller.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { Observe } from '../observations.ts';
import type { Surroundings } from '../store/store.ts';
import { chooseMediaType, offersTo } from './accept.ts';
import { begin, type Exchange, finish, loseAnswer, refuse, send, sendCompressed } from './answering.ts';
import { readBearer } from './bearer.ts';
import { readBody } from './body.ts';
import { commonHeaders } from './common-headers.ts';
import type { Cors } from './cors.ts';
import { readJsonForm, reform } from './json-form.ts';
import { hintFor } from './near-misses.ts';
import type { Origins } from './origin.ts';
import { headerLimit, parserFailure, refuseOnSocket } from './parser-refusal.ts';
import { readResourceQuery } from './query-options.ts';
import { collectionPath } from './referrals.ts';
import type { Asked, Route, Surface } from './route.ts';
import { rehearse } from './sandbox-faults.ts';
import { requireVersions } from './versions.ts';

/** What the HTTP layer is made of. */
export interface ServerParts {
  readonly surface: Surface;
  readonly routes: readonly Route[];
  readonly verifier: TokenVerifier;
  readonly origins: () => Origins;
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  readonly cors: Cors | undefined;
}

/** The HTTP server. The framework finds the route; what happens then is written here, in the order of decision 35. */
export function createServer(parts: ServerParts): FastifyInstance {
  const { trustProxy } = parts.surface.config;
  const server = fastify({
    logger: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    exposeHeadRoutes: false,
    requestTimeout: 30_000,
    // A server that stops answers what arrives by the connections that are still there, and closes each with its answer.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => canonicalUrl(url),
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      // The limit of the headers is the limit of an id; a wrong one is refused by its form.
      maxParamLength: headerLimit,
    },
    // Node refuses a request without Host in words of its own; `requireHost` has ours.
    http: { maxHeaderSize: headerLimit, requireHostHeader: false },
    clientErrorHandler: (error, socket) => {
      // A client that has gone hears no answer and made no request.
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      const requestId = parts.surroundings.ids.guid();
      const headers = commonHeaders(requestId, parts.surroundings.clock.now(), {});
      const { status, innerCode } = refuseOnSocket(socket, parserFailure(error), headers);
      parts.observe({ kind: 'requestAnswered', requestId, method: '-', route: '-', status, durationMs: 0, innerCode });
    },
    frameworkErrors: (error, request, reply) => refuseInFramework(parts, error, request, reply),
  });
  // Bodies are read by the routes that have one; whatever else is sent is left unread, and its Content-Type unjudged.
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  // An expectation that is not known may be ignored (RFC 9110, section 10.1.1); Node would answer a bare 417.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  for (const [template, routes] of routesByPath(parts)) {
    const url = template.replaceAll(/\{(\w+)\}/g, ':$1');
    for (const route of routes) {
      // Whatever can be asked for by GET can be asked for by HEAD.
      const method = route.method === 'GET' ? ['GET', 'HEAD'] : route.method;
      server.route({ method, url, handler: (request, reply) => respond(parts, route, request, reply) });
    }
    const allowed = allowedOf(routes);
    const method = METHODS.filter((name) => !allowed.includes(name));
    server.route({ method, url, handler: (request, reply) => refuseMethod(parts, routes, request, reply) });
  }
  server.setNotFoundHandler((request, reply) => refusePath(parts, request, reply));
  server.setErrorHandler((error, request, reply) => {
    const exchange = begin(parts, '-', request, reply);
    refuse(parts, exchange, error);
  });
  return server;
}

/** The routes of each path, without those of extensions that are off: there is nothing at their paths. */
function routesByPath({ routes, surface }: ServerParts): Map<string, Route[]> {
  const found = new Map<string, Route[]>();
  for (const route of routes) {
    if (route.isExtension !== undefined && !surface.config.extensions) continue;
    if (route.access === 'operator' && surface.sandbox === undefined) continue;
    for (const path of route.paths) found.set(path, [...(found.get(path) ?? []), route]);
  }
  return found;
}

function allowedOf(routes: readonly Route[]): string[] {
  return routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

/** `/referrals('id')`, `/referrals(id='id')` and `/referrals/id` are one (decision 1); the framework knows the last only. */
function canonicalUrl(url: string): string {
  if (!url.includes('(') && !url.includes('%')) return url;
  const question = url.indexOf('?');
  // A proxy sends the absolute form, host and all (RFC 9112, section 3.2.2).
  const path = (question < 0 ? url : url.slice(0, question)).replace(/^https?:\/\/[^/]*/i, '');
  const segments = parseResourcePath(path, 'id');
  if (segments === undefined) return url;
  // The router knows `$metadata` by its `$`, which is legal in a path as it is.
  const written = segments.map((segment) => encodeURIComponent(segment).replaceAll('%24', '$')).join('/');
  return `/${written}${question < 0 ? '' : url.slice(question)}`;
}

async function respond(parts: ServerParts, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const exchange = begin(parts, route.paths[0] ?? '', request, reply);
  try {
    requireHost(request);
    const { surface } = parts;
    const claims = route.access === 'public' ? undefined : await proveToken(parts, route, exchange);
    const parameters = readParameters(request);
    requireVersions(request.headers);
    const query = readResourceQuery(queryStringOf(request.url), route, surface.config.extensions);
    const body = route.body === undefined ? noBody : await readBody(request.raw, route.body);
    const { accept, 'odata-maxversion': maxVersion } = request.headers;
    const offers = offersTo({ accept, maxVersion: textOf(maxVersion) }, route);
    const mediaType = query.mediaType ?? chooseMediaType(accept, offers, route.tolerates);
    const asked: Asked = {
      caller: claims === undefined ? undefined : await callerOf(parts, route, claims),
      parameters,
      header: (header) => textOf(request.headers[header]),
      clientId: claims?.clientId ?? null,
      body,
      options: query.options,
      origin: parts.origins().ofRequest(request.host, request.protocol),
      mediaType,
      remoteAddress: request.raw.socket.remoteAddress,
    };
    const fault = route.access === 'operator' ? undefined : await surface.sandbox?.faults.draw(route.name);
    if (fault !== undefined) await rehearse(fault);
    const plain = await route.answer(surface, asked);
    if (fault?.kind === 'answerLost') return loseAnswer(parts, exchange);
    const form = surface.config.extensions ? (query.form ?? readJsonForm(request.headers.accept)) : undefined;
    const formed =
      form === undefined ? undefined : reform(plain, form, { route, collection: asked.origin + collectionPath });
    const answer = formed ?? plain;
    const used = [
      ...query.used,
      ...(formed === undefined ? [] : (['json-form'] as const)),
      ...(answer.used ?? []),
      ...(route.isExtension === undefined ? [] : [route.isExtension]),
    ];
    if (used.length > 0) exchange.headers.push('Cosell-Extension', [...new Set(used)].join(', '));
    if (answer.compress === undefined) send(parts, exchange, answer, mediaType);
    else await sendCompressed(parts, exchange, answer, mediaType);
  } catch (error) {
    // A client that breaks off within its body hears no answer, and nothing is wrong here.
    if (request.raw.destroyed && !request.raw.complete) finish(parts, exchange, 499, 'requestBrokenOff');
    else refuse(parts, exchange, error);
  }
}

const noBody = Buffer.alloc(0);

/** Who may come in by a route: a user with the permission that it asks for, or the operator and nobody else. */
async function callerOf(
  { surface }: ServerParts,
  route: Route,
  claims: ProvedClaims,
): Promise<AdmittedCaller | undefined> {
  if (route.access === 'public') return undefined;
  if (route.access !== 'operator') return admit(await findCaller(surface.store, claims), route.access);
  if (!claims.isOperator) throw failure('operatorRequired');
  return undefined;
}

/** HTTP/1.1 demands a Host header (RFC 9112, section 3.2). */
function requireHost({ raw }: FastifyRequest): void {
  if (raw.headers.host !== undefined || raw.httpVersion !== '1.1') return;
  throw failure('malformedRequest', { reason: 'HTTP/1.1 needs a Host header' });
}

/** What the path names. A segment that begins with $ is a part of OData's grammar and never an id (decision 1). */
function readParameters(request: FastifyRequest): Record<string, string> {
  const parameters = (request.params ?? {}) as Record<string, string>;
  const [name] = Object.values(parameters);
  if (name?.startsWith('$') === true) throw failure('routeNotFound', { hint: hintFor(request.url) });
  return parameters;
}

async function proveToken(
  parts: ServerParts,
  route: Pick<Route, 'audience'>,
  exchange: Exchange,
): Promise<ProvedClaims> {
  const { headers } = exchange.request;
  const token = readBearer(headers.authorization, exchange.request.raw.socket);
  const claims = await parts.verifier.verify(token, route.audience);
  if (String(headers.validatemfa).toLowerCase() === 'true')
    exchange.headers.push('isMfaCompliant', String(claims.isMfaCompliant === true));
  return claims;
}

async function refuseMethod(
  parts: ServerParts,
  routes: readonly Route[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const [route] = routes;
  const exchange = begin(parts, route?.paths[0] ?? '', request, reply);
  try {
    requireHost(request);
    const isPreflight = request.method === 'OPTIONS' && parts.cors !== undefined;
    const shared = isPreflight ? parts.cors.preflight(request.url, request.headers, allowedOf(routes)) : undefined;
    // A browser asks without a token, and before it sends one.
    if (shared !== undefined) return send(parts, exchange, { status: 204, headers: shared }, '');
    if (route !== undefined && route.access !== 'public') await proveToken(parts, route, exchange);
    readParameters(request);
    throw failure('methodNotAllowed', { method: request.method, allowed: allowedOf(routes).join(', ') });
  } catch (error) {
    refuse(parts, exchange, error);
  }
}

async function refusePath(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const exchange = begin(parts, '-', request, reply);
  try {
    requireHost(request);
    await proveToken(parts, { audience: 'partnerCenter' }, exchange);
    throw failure('routeNotFound', { hint: hintFor(request.url) });
  } catch (error) {
    refuse(parts, exchange, error);
  }
}

/** The framework refuses a URL that it cannot decode before any route is found. */
function refuseInFramework(parts: ServerParts, error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const exchange = begin(parts, '-', request, reply);
  const isBadUrl = (error as { code?: string }).code === 'FST_ERR_BAD_URL';
  refuse(parts, exchange, isBadUrl ? failure('malformedUrl') : error);
}

function queryStringOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? '' : url.slice(question + 1);
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
