import type { Surface } from '../route.ts';
import type { PageFrame } from './layout.ts';

/** A request for a page: its host is ours, and a form that it brings came from our page in this browser. */
export interface PageAsked {
  readonly parameters: Readonly<Record<string, string>>;
  /** The query, or what a form says. */
  readonly fields: URLSearchParams;
  readonly frame: PageFrame;
  /** What a form of the answer has to carry. */
  readonly xsrf: string;
  readonly cookies: Cookies;
  /** The header as it came. */
  readonly cookieHeader: string | undefined;
  /** Languages that the browser would like (RFC 9110, section 12.5.4). */
  readonly acceptLanguage: string | undefined;
  /** Address of the client's machine. */
  readonly address: string;
  readonly requestId: string;
}

/** A page, or where the browser goes instead. */
export interface Page {
  readonly status: 200 | 303 | 400 | 403 | 404 | 410 | 421 | 429;
  readonly body?: string;
  /** A path of this server, with 303. */
  readonly location?: string;
  /** Seconds after which it may be tried again, with 429. */
  readonly retryAfter?: number;
  /** Cookies to be kept by the browser, by name; an empty value takes one away. */
  readonly cookies?: Readonly<Record<string, string>>;
}

/** One address of pages. */
export interface PageRoute {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** A template such as `/sign-in/{uid}`. */
  readonly path: string;
  readonly sentence: string;
  readonly answer: (surface: Surface, asked: PageAsked) => Promise<Page>;
}

/** Cookies of a request that are ours. */
export interface Cookies {
  get(name: string): string | undefined;
}
