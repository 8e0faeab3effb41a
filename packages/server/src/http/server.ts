import { METHODS } from 'node:http';
import { failure } from '@cosell/model';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { ProvedClaims } from '../identity/claims.ts';
import { chooseMediaType, offersTo } from './accept.ts';
import { admitCaller } from './admit-caller.ts';
import {
  answered,
  begin,
  deliver,
  type Ending,
  type Exchange,
  finish,
  type IncomingRequest,
  type Outgoing,
  refused,
} from './answering.ts';
import { type Door, type ItemRequest, incomingItem } from './batch/item-door.ts';
import { type FoundPath, ItemRouter, routerOptions } from './batch/item-router.ts';
import { readBearer } from './bearer.ts';
import { readBody } from './body.ts';
import { canonicalUrl, queryStringOf } from './canonical-url.ts';
import { commonHeaders } from './common-headers.ts';
import { connectionOptions } from './connection-options.ts';
import { readJsonForm, reform } from './json-form.ts';
import { hintFor } from './near-misses.ts';
import { addPages } from './pages/page-door.ts';
import { parserFailure, refuseOnSocket } from './parser-refusal.ts';
import { readResourceQuery } from './query-options.ts';
import { answerRaw, type RawRoute, rawRoutesByPath } from './raw-route.ts';
import { collectionPath } from './referrals.ts';
import { readParameters, requireHost, textOf } from './request-checks.ts';
import type { Asked, Route } from './route.ts';
import { allowedOf, routesByPath } from './routes-by-path.ts';
import { drawFault, rehearse } from './sandbox/sandbox-faults.ts';
import type { ServerParts } from './server-parts.ts';
import { requireVersions } from './versions.ts';

/** The same, with the paths at which the requests of a batch find their routes. */
interface Served extends ServerParts {
  readonly items: ItemRouter;
  /** The paths at which there is something, also for whoever comes with another method. */
  readonly known: ItemRouter<Route | RawRoute>;
}

/** The HTTP server. The framework finds the route; what happens then is written here, in the order of decision 35. */
export function createServer(made: ServerParts): FastifyInstance {
  const parts: Served = { ...made, items: new ItemRouter(), known: new ItemRouter() };
  const { trustProxy } = parts.surface.config;
  const server = fastify({
    logger: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    exposeHeadRoutes: false,
    requestTimeout: 30_000,
    // A server that stops answers what arrives by the connections that are still there, and closes each with its answer.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => canonicalUrl(url),
    routerOptions,
    ...connectionOptions(parts.certificate),
    clientErrorHandler: (error, socket) => {
      // A client that has gone hears no answer and made no request.
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      const requestId = parts.surroundings.ids.guid();
      const headers = commonHeaders(requestId, parts.surroundings.clock.now(), {});
      const { status, innerCode } = refuseOnSocket(socket, parserFailure(error), headers);
      parts.observe({ kind: 'requestAnswered', requestId, method: '-', route: '-', status, durationMs: 0, innerCode });
    },
    frameworkErrors: (error, request, reply) => void serve(parts, badUrl(parts, error), request, reply),
  });
  // Bodies are read by the routes that have one; whatever else is sent is left unread, and its Content-Type unjudged.
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  // An expectation that is not known may be ignored (RFC 9110, section 10.1.1); Node would answer a bare 417.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  for (const [template, routes] of routesByPath(parts.routes, parts.surface)) {
    parts.items.add(urlOf(template), routes);
    parts.known.add(urlOf(template), routes);
    for (const route of routes) addRoute(server, parts, { template, route, place: atRoute(parts, route) });
    if (isLikeAnId.test(template)) addOthers(server, parts, { template, routes });
  }
  for (const [path, routes] of rawRoutesByPath(parts.rawRoutes)) {
    parts.known.add(urlOf(path), routes);
    for (const route of routes) addRoute(server, parts, { template: path, route, place: atRawRoute(parts, route) });
  }
  addPages(server, parts);
  const nowhere = atNothing(parts);
  // The framework keeps some kilobytes for each method of each path, so it is told of those that there are.
  server.setNotFoundHandler((request, reply) => {
    const found = parts.known.find(request.url);
    const isPath = found !== undefined && found !== 'malformed';
    return serve(parts, isPath ? atOtherMethods(parts, found) : nowhere, request, reply);
  });
  server.setErrorHandler((error, request, reply) => serve(parts, broken(parts, error), request, reply));
  return server;
}

/** Adds what is at a path by a method. */
function addRoute(
  server: FastifyInstance,
  parts: Served,
  { template, route, place }: { template: string; route: Pick<Route, 'method'>; place: Place },
): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) => serve(parts, place, request, reply);
  server.route({ method: allowedOf([route]), url: urlOf(template), handler });
}

/** A path that another one with an id would take the other methods of. */
const isLikeAnId = /\/\$\w+$/;

/** Says of such a path that it is there, whatever the method. */
function addOthers(
  server: FastifyInstance,
  parts: Served,
  { template, routes }: { template: string; routes: readonly Route[] },
): void {
  const known = allowedOf(routes);
  const place = atOtherMethods(parts, { routes, params: {} });
  const handler = (request: FastifyRequest, reply: FastifyReply) => serve(parts, place, request, reply);
  server.route({ method: METHODS.filter((name) => !known.includes(name)), url: urlOf(template), handler });
}

function urlOf(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** What is found for a request: its name in the log, and what answers it. */
interface Place {
  readonly name: string;
  readonly answer: (exchange: Exchange) => Promise<Ending>;
}

/** Answers a request that came by a connection. The answer is written as it is; the framework has no part in that. */
async function serve(parts: Served, place: Place, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.hijack();
  const exchange = begin(parts, place.name, request);
  await deliver(parts, exchange, reply.raw, await place.answer(exchange));
}

/** Lets the requests of a batch in, each as one of its own. */
function doorFor(parts: Served, outer: IncomingRequest): Door {
  const enter = (item: ItemRequest, writes?: Exchange['writes']) => {
    const url = canonicalUrl(item.url);
    const found = parts.items.find(url);
    const isClosed = outer.headers.origin !== undefined && parts.cors?.isClosed(url) === true;
    const place = isClosed ? atNothing(parts) : placeOf(parts, found, item.method);
    const params = found === undefined || found === 'malformed' ? {} : found.params;
    return { place, exchange: begin(parts, place.name, incomingItem(outer, { ...item, url, params }), writes) };
  };
  return {
    base: outer.url.replace(/\?.*$/s, '').replace(/\$batch\/*$/i, ''),
    async answer(item, writes) {
      const { place, exchange } = enter(item, writes);
      const ending = await place.answer(exchange);
      finish(parts, exchange, ending);
      return ending;
    },
    refuse(item, error) {
      const { exchange } = enter(item);
      const refusal = refused(parts, exchange, error);
      finish(parts, exchange, refusal);
      return refusal;
    },
  };
}

function placeOf(parts: Served, found: FoundPath | 'malformed' | undefined, method: string): Place {
  if (found === undefined) return atNothing(parts);
  if (found === 'malformed') return broken(parts, failure('malformedUrl'));
  const route = found.routes.find((one) => one.method === method);
  return route === undefined ? atOtherMethods(parts, found) : atRoute(parts, route);
}

function atRoute(parts: Served, route: Route): Place {
  return { name: route.paths[0] ?? '', answer: (exchange) => answerRoute(parts, route, exchange) };
}

function atRawRoute(parts: Served, route: RawRoute): Place {
  return { name: route.paths[0] ?? '', answer: (exchange) => answerRaw(parts, route, exchange) };
}

async function answerRoute(parts: Served, route: Route, exchange: Exchange): Promise<Ending> {
  const { request } = exchange;
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
    const caller = claims === undefined ? undefined : await admitCaller(surface, route, claims);
    if (caller !== undefined) parts.limits?.admitCaller(caller, exchange);
    const asked: Asked = {
      caller,
      parameters,
      header: (header) => textOf(request.headers[header]),
      clientId: claims?.clientId ?? null,
      subject: claims?.subject ?? null,
      requestId: exchange.requestId,
      route: route.name,
      body,
      options: query.options,
      origin: parts.origins().ofRequest(request.host, request.protocol),
      mediaType,
      remoteAddress: request.raw.socket.remoteAddress,
      writes: exchange.writes ?? surface.store,
      door: route.isBatch === true && request.isItem !== true ? doorFor(parts, request) : undefined,
    };
    const fault = route.access === 'operator' ? undefined : await drawFault(surface.sandbox, route);
    if (fault !== undefined) await rehearse(fault, claims);
    const plain = await route.answer(surface, asked);
    if (fault?.kind === 'answerLost' || plain.isLost === true) return { status: 499, innerCode: 'answerLost' };
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
    return answered(exchange, answer, mediaType);
  } catch (error) {
    // A client that breaks off within its body hears no answer, and nothing is wrong here.
    if (request.raw.destroyed && !request.raw.complete) return { status: 499, innerCode: 'requestBrokenOff' };
    return refused(parts, exchange, error);
  }
}

const noBody = Buffer.alloc(0);

async function proveToken(
  parts: ServerParts,
  route: Pick<Route, 'audience'>,
  exchange: Exchange,
): Promise<ProvedClaims> {
  const { headers, raw } = exchange.request;
  parts.limits?.admitAddress(exchange);
  const token = readBearer(headers.authorization, raw.socket);
  const claims = await parts.verifier.verify(token, route.audience, exchange);
  const isAsked = String(headers.validatemfa).toLowerCase() === 'true';
  if (isAsked) exchange.headers.push('isMfaCompliant', String(claims.isMfaCompliant === true));
  return claims;
}

function atOtherMethods(parts: ServerParts, { routes, params }: FoundPath<Route | RawRoute>): Place {
  const [route] = routes;
  return refusing(parts, route?.paths[0] ?? '', async (exchange) => {
    const { request } = exchange;
    const isPreflight = request.method === 'OPTIONS' && parts.cors !== undefined;
    const shared = isPreflight ? parts.cors.preflight(request.url, request.headers, allowedOf(routes)) : undefined;
    // A browser asks without a token, and before it sends one.
    if (shared !== undefined) return answered(exchange, { status: 204, headers: shared }, '');
    if (route !== undefined && 'access' in route && route.access !== 'public') await proveToken(parts, route, exchange);
    readParameters({ params, url: request.url });
    throw failure('methodNotAllowed', { method: request.method, allowed: allowedOf(routes).join(', ') });
  });
}

function atNothing(parts: ServerParts): Place {
  return refusing(parts, '-', async (exchange) => {
    await proveToken(parts, { audience: 'partnerCenter' }, exchange);
    throw failure('routeNotFound', { hint: hintFor(exchange.request.url) });
  });
}

/** A place that refuses whoever comes there, by what it throws; but for the question whether a page may ask. */
function refusing(parts: ServerParts, name: string, answer: (exchange: Exchange) => Promise<Outgoing>): Place {
  return {
    name,
    async answer(exchange) {
      try {
        requireHost(exchange.request);
        return await answer(exchange);
      } catch (error) {
        return refused(parts, exchange, error);
      }
    },
  };
}

/** Where something has gone wrong before any route was found, or outside of it. */
function broken(parts: ServerParts, error: unknown): Place {
  return { name: '-', answer: async (exchange) => refused(parts, exchange, error) };
}

/** The framework refuses a URL that it cannot decode before any route is found. */
function badUrl(parts: ServerParts, error: Error): Place {
  const isBadUrl = (error as { code?: string }).code === 'FST_ERR_BAD_URL';
  return broken(parts, isBadUrl ? failure('malformedUrl') : error);
}
