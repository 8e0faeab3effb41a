import { type OperationName, operations } from './operations.ts';
import { ReferralApiError } from './referral-api-error.ts';

/** What the client needs of an answer of `fetch`. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { forEach(each: (value: string, name: string) => void): void };
  text(): Promise<string>;
}

/** What the client needs of `fetch`. */
export type Fetch = (
  url: string,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
) => Promise<FetchAnswer>;

/** Where the exchange is, and on whose behalf it is asked. */
export interface TransportSettings {
  /** Scheme, host and port: `https://referrals.example.com`. */
  readonly origin: string;
  /** Gives the access token; it is asked before every request that needs one, so that it may renew it. */
  readonly token: () => Promise<string>;
  /** Another `fetch` than the global one. */
  readonly fetch?: Fetch;
}

type SlotsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | SlotsOf<Rest> : never;
type PathOf<Name extends OperationName> = (typeof operations)[Name]['path'];

/** Values of a query; those that are undefined are left out. */
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Sending {
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, so that no digit of a number is lost; anything else is written as JSON. */
  readonly body?: unknown;
}

/** What an operation is asked with; the parameters are those of its path. */
export type Asking<Name extends OperationName> = Sending &
  ([SlotsOf<PathOf<Name>>] extends [never]
    ? { readonly parameters?: Readonly<Record<string, never>> }
    : { readonly parameters: Readonly<Record<SlotsOf<PathOf<Name>>, string>> });

/** An answer of the API. */
export interface ApiAnswer {
  /** The operation that was asked. */
  readonly operation: OperationName;
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value for `If-Match`, with its quotes. */
  readonly eTag: string | undefined;
  /** The body, parsed where it is JSON; else undefined. Numbers are JavaScript's and may have lost digits. */
  readonly body: unknown;
  /** The body as it came, with every digit. */
  readonly text: string;
}

type AskingArguments<Name extends OperationName> = [SlotsOf<PathOf<Name>>] extends [never]
  ? [asking?: Asking<Name>]
  : [asking: Asking<Name>];

/** One function for each operation, and the walk through the pages of a list. */
export type Transport = {
  readonly [Name in OperationName]: (...asking: AskingArguments<Name>) => Promise<ApiAnswer>;
} & {
  /** The answer of a list and then, page by page, what its `@odata.nextLink` leads to. */
  pages(first: ApiAnswer): AsyncGenerator<ApiAnswer, void, undefined>;
};

/** A row of the table, without the types of its own values. */
interface Operation {
  readonly method: string;
  readonly accept: string;
  readonly needsToken: boolean;
}

/**
 * Makes the transport: it knows HTTP and the table of operations, and nothing of referrals.
 *
 * Each function rejects with a ReferralApiError where the API refuses, and with the error of `fetch` where no answer
 * came at all.
 */
export function createTransport({ origin, token, fetch: ask = globalThis.fetch }: TransportSettings): Transport {
  const send = async (name: OperationName, url: string, { headers, body }: Sending) => {
    const operation: Operation = operations[name];
    const answer = await ask(url, {
      method: operation.method,
      headers: {
        accept: operation.accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(operation.needsToken ? { authorization: `Bearer ${await token()}` } : {}),
        ...lowerCased(headers),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return read(name, answer);
  };
  const call =
    (name: OperationName) =>
    async (asking: Sending & { readonly parameters?: Readonly<Record<string, string>> } = {}) =>
      send(name, urlOf(origin, operations[name].path, asking.parameters ?? {}, asking.query ?? {}), asking);
  const names = Object.keys(operations) as OperationName[];
  const functions = Object.fromEntries(names.map((name) => [name, call(name)]));
  async function* pages(first: ApiAnswer) {
    let answer = first;
    yield answer;
    for (let next = nextLink(answer); next !== undefined; next = nextLink(answer)) {
      answer = await send(first.operation, atOrigin(origin, next), {});
      yield answer;
    }
  }
  // The entries are those of the table, one for each name.
  return { ...functions, pages } as unknown as Transport;
}

function urlOf(origin: string, path: string, parameters: Readonly<Record<string, string>>, query: Query): string {
  const filled = path.replace(/\{(\w+)\}/g, (_slot, name: string) => {
    const value = parameters[name];
    // The path would be another resource: the list instead of one referral, or, with dots, what is above it.
    if (value === undefined || /^\.{0,2}$/.test(value))
      throw new TypeError(`The path ${path} needs the parameter ${name}.`);
    return encodeURIComponent(value);
  });
  const options = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    // "$" may stand in a query as it is (RFC 3986, section 3.4), and is read more easily so.
    .map(([name, value]) => `${encodeURIComponent(name).replaceAll('%24', '$')}=${encodeURIComponent(String(value))}`);
  return `${new URL(origin).origin}${filled}${options.length === 0 ? '' : `?${options.join('&')}`}`;
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

async function read(operation: OperationName, answer: FetchAnswer): Promise<ApiAnswer> {
  const { status } = answer;
  const headers: Record<string, string> = {};
  answer.headers.forEach((value, name) => {
    headers[name.toLowerCase()] = value;
  });
  const text = await answer.text();
  const body = parsed(headers['content-type'] ?? '', text);
  if (status >= 400) throw new ReferralApiError({ operation, status, headers, body, text });
  return { operation, status, headers, eTag: headers.etag, body, text };
}

/** A body that says it is JSON and is not is left as text: who answers so is no exchange. */
function parsed(contentType: string, text: string): unknown {
  if (text === '' || !/[/+]json\b/i.test(contentType)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function nextLink({ body }: ApiAnswer): string | undefined {
  const link = (body as Record<string, unknown> | null | undefined)?.['@odata.nextLink'];
  return typeof link === 'string' ? link : undefined;
}

/** The token goes to the exchange alone, so of a link only path and query count. */
function atOrigin(origin: string, link: string): string {
  const { pathname, search } = new URL(link, origin);
  return `${new URL(origin).origin}${pathname}${search}`;
}
