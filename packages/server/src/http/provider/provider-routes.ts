import { Failure } from '@cosell/model';
import { randomText } from '../../identity/random-text.ts';
import { statusOf } from '../errors.ts';
import { errorPage } from '../pages/layout.ts';
import { pageHeaders } from '../pages/page-headers.ts';
import { chooseLanguage } from '../pages/phrases.ts';
import type { RawAnswer, RawAsked, RawRoute } from '../raw-route.ts';
import type { Surface } from '../route.ts';
import { providerFaults, rehearse } from '../sandbox/sandbox-faults.ts';
import { adjustRefusal } from './adjust-answer.ts';
import { adjustAuthorization, adjustTokenRequest } from './adjust-request.ts';
import { callProvider, type ProviderReply } from './call-provider.ts';
import type { EndpointVersion, IssuerPlace } from './provider-parts.ts';
import type { RequestNotes } from './providers.ts';
import { findNamedTenant } from './tenants.ts';

/** One of the provider's endpoints. */
interface Endpoint {
  readonly version: EndpointVersion;
  /** Whether a program asks, and is answered in JSON; else a person's browser does. */
  readonly isForPrograms: boolean;
  /** The path that the library has for it; `{uid}` stands for the one of the request. */
  readonly path: string;
  /** What becomes of its parameters before the library sees them. */
  readonly adjust?: (given: URLSearchParams, place: IssuerPlace) => URLSearchParams;
  /** Whether parameters may come in a body too, and are handed on in the query. */
  readonly takesForm?: true;
}

const form = 'application/x-www-form-urlencoded';

/** Headers that the library is told of. */
const toldHeaders = ['accept-language', 'authorization', 'content-type', 'cookie'] as const;

/** Answers by the library, for a tenant that there is. */
function answering(endpoint: Endpoint): RawRoute['raw'] {
  return async (surface, asked) => {
    try {
      const fault = await surface.sandbox?.faults.draw(providerFaults);
      if (fault !== undefined) await rehearse(fault, undefined);
      return await answerBy(endpoint, surface, asked);
    } catch (error) {
      const isAway = error instanceof Failure && statusOf[error.kind] >= 429;
      if (isAway) return away(surface, asked, { endpoint, failure: error });
      throw error;
    }
  };
}

/** The answer of a provider that is away: its database is, or it is to be, for whoever rehearses that in the sandbox. */
function away(
  surface: Surface,
  asked: RawAsked,
  { endpoint, failure }: { endpoint: Endpoint; failure: Failure },
): RawAnswer {
  const { kind, message, slots } = failure;
  const told = { status: statusOf[kind], error: 'temporarily_unavailable', description: message };
  const answer = refusal(surface, asked, endpoint, told);
  return { ...answer, headers: [...answer.headers, 'Retry-After', slots.seconds ?? '5'] };
}

async function answerBy(endpoint: Endpoint, surface: Surface, asked: RawAsked): Promise<RawAnswer> {
  const tenant = await findNamedTenant(surface.store, asked.parameters.tenant ?? 'common');
  if (tenant === undefined) return refusal(surface, asked, endpoint, noTenant);
  const place = { origin: asked.origin, tenant: tenant.name, version: endpoint.version };
  const provider = await surface.providers.of(place);
  const notes: RequestNotes = {
    requestId: asked.requestId,
    address: asked.remoteAddress ?? '',
    asksForClientInfo: false,
  };
  const reply = await callProvider(provider, callOf(endpoint, asked, place, notes), (request) =>
    surface.providers.notes.set(request, notes),
  );
  return ended(surface, asked, reply, notes);
}

const noTenant = {
  status: 400,
  error: 'invalid_request',
  description: 'There is no such tenant here. Use the id of one, or "common".',
};

/** The request as the library is to see it. */
function callOf(endpoint: Endpoint, asked: RawAsked, place: IssuerPlace, notes: { asksForClientInfo: boolean }) {
  const { path, isForPrograms, adjust, takesForm } = endpoint;
  const question = asked.url.indexOf('?');
  const query = new URLSearchParams(question < 0 ? '' : asked.url.slice(question + 1));
  const isForm = asked.headers['content-type']?.toLowerCase().startsWith(form) === true;
  const isHandedOn = takesForm === true && asked.method === 'POST';
  const given = asked.method === 'POST' && isForm ? new URLSearchParams(asked.body.toString()) : query;
  Object.assign(notes, { asksForClientInfo: given.get('client_info') === '1' });
  const adjusted = adjust === undefined ? given : adjust(given, place);
  const isPost = asked.method === 'POST' && !isHandedOn;
  const url = path.replace('{uid}', encodeURIComponent(asked.parameters.uid ?? ''));
  const headers = Object.fromEntries(
    toldHeaders.flatMap((name) => {
      const value = asked.headers[name];
      return value === undefined || (name === 'content-type' && !isPost) ? [] : [[name, value]];
    }),
  );
  return {
    method: isHandedOn ? 'GET' : asked.method,
    url: isPost ? url : `${url}?${adjusted}`,
    headers: { ...headers, accept: isForPrograms ? 'application/json' : 'text/html' },
    body: isPost ? (isForm ? String(adjusted) : asked.body.toString()) : '',
    origin: asked.origin,
  };
}

/** What goes out. A fault of ours is observed, and nobody is told of it. */
function ended(surface: Surface, asked: RawAsked, reply: ProviderReply, { error }: RequestNotes): RawAnswer {
  if (error instanceof Failure && error.kind === 'storeUnavailable') throw error;
  if (error !== undefined && reply.status >= 500) surface.providers.observe(asked.requestId, error);
  const code = (error as { error?: unknown } | undefined)?.error;
  const innerCode = error === undefined ? null : typeof code === 'string' ? code : error.name;
  return { ...reply, headers: forBrowsers(withoutSharing(reply.headers)), innerCode };
}

/** What every page says to browsers, also one of the library's own; those say themselves what they may load. */
function forBrowsers(headers: readonly string[]): string[] {
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const type = headers[names.indexOf('content-type') * 2 + 1] ?? '';
  if (!type.startsWith('text/html')) return [...headers];
  const common = pageHeaders('');
  const missing = common.filter((_, index) => {
    const name = (common[index - (index % 2)] ?? '').toLowerCase();
    return name !== 'content-security-policy' && !names.includes(name);
  });
  return [...headers, ...missing];
}

/** Which pages of other origins may read, is the exchange's own matter. */
function withoutSharing(headers: readonly string[]): string[] {
  return headers.filter((_, index) => !/^(access-control-|vary$)/i.test(headers[index - (index % 2)] ?? ''));
}

/** A refusal that the library has no part in. */
function refusal(
  { surroundings }: Surface,
  asked: RawAsked,
  { isForPrograms }: Endpoint,
  { status, error, description }: typeof noTenant,
): RawAnswer {
  const { requestId, headers } = asked;
  if (isForPrograms) {
    const now = surroundings.clock.now();
    const body = adjustRefusal({ error, error_description: description }, { detail: undefined, requestId, now });
    const type = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];
    return { status, headers: type, body: JSON.stringify(body), innerCode: error };
  }
  const language = chooseLanguage(undefined, headers['accept-language']);
  const nonce = randomText(16);
  const body = errorPage({ language, nonce }, { help: { text: description }, requestId });
  const own = ['Content-Type', 'text/html; charset=utf-8', ...pageHeaders(nonce)];
  return { status, headers: own, body, innerCode: error };
}

/** The endpoints of one of Entra's versions. */
function endpointsOf(version: EndpointVersion): RawRoute[] {
  const base = version === 1 ? '/oauth2' : '/oauth2/v2.0';
  const suffix = version === 1 ? 'V1' : '';
  const row = (
    name: string,
    method: RawRoute['method'],
    { sentence, ...endpoint }: Omit<Endpoint, 'version'> & { readonly sentence: string },
  ): RawRoute => ({
    name: name + suffix,
    method,
    paths: [`/{tenant}${endpoint.path}`],
    sentence,
    raw: answering({ ...endpoint, version }),
  });
  const page = { isForPrograms: false } as const;
  const programs = { isForPrograms: true } as const;
  const authorize = {
    ...page,
    path: `${base}/authorize`,
    adjust: adjustAuthorization,
    takesForm: true,
    sentence: 'Begins a sign-in by a browser.',
  } as const;
  const logout = { ...page, path: `${base}/logout`, takesForm: true, sentence: 'Ends a sign-in.' } as const;
  return [
    row('authorize', 'GET', authorize),
    row('authorizeByForm', 'POST', authorize),
    row('goOn', 'GET', { ...page, path: `${base}/authorize/{uid}`, sentence: 'Goes on with a sign-in.' }),
    row('getToken', 'POST', {
      ...programs,
      path: `${base}/token`,
      adjust: adjustTokenRequest,
      sentence: 'Gives tokens for a code, a refresh token, a device code, or a secret.',
    }),
    row('getDeviceCode', 'POST', {
      ...programs,
      path: `${base}/devicecode`,
      adjust: adjustAuthorization,
      sentence: 'Begins a sign-in on a device that has no browser.',
    }),
    row('logout', 'GET', logout),
    row('logoutByForm', 'POST', logout),
    row('confirmLogout', 'POST', { ...page, path: `${base}/logout/confirm`, sentence: 'Ends a sign-in, confirmed.' }),
    row('loggedOut', 'GET', { ...page, path: `${base}/logout/success`, sentence: 'Says that the sign-in has ended.' }),
  ];
}

const device = { version: 2, isForPrograms: false } as const;

/** Every endpoint of the built-in provider. */
export const providerRoutes: readonly RawRoute[] = [
  ...endpointsOf(2),
  ...endpointsOf(1),
  {
    name: 'getDevicePage',
    method: 'GET',
    paths: ['/device'],
    sentence: 'Asks for the code that a device shows.',
    raw: answering({ ...device, path: '/device' }),
  },
  {
    name: 'sendDeviceCode',
    method: 'POST',
    paths: ['/device'],
    sentence: 'Takes the code that a device shows.',
    raw: answering({ ...device, path: '/device' }),
  },
  {
    name: 'goOnWithDevice',
    method: 'GET',
    paths: ['/device/{uid}'],
    sentence: 'Goes on with the sign-in of a device.',
    raw: answering({ ...device, path: '/device/{uid}' }),
  },
];
