import findMyWay from 'find-my-way';
import { headerLimit } from '../parser-refusal.ts';
import type { Route } from '../route.ts';

/** How paths are compared (decision 1). */
export const routerOptions = {
  caseSensitive: false,
  ignoreDuplicateSlashes: true,
  ignoreTrailingSlash: true,
  // The limit of the headers is the limit of an id; a wrong one is refused by its form.
  maxParamLength: headerLimit,
} as const;

/** What is at a path. */
export interface FoundPath<Kind = Route> {
  /** Its routes, one for each method. */
  readonly routes: readonly Kind[];
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** Finds what is at a path without a connection: by the framework's own router, so that both know the same paths. */
export class ItemRouter<Kind = Route> {
  readonly #router = findMyWay({ ...routerOptions, onBadUrl: () => undefined });

  add(path: string, routes: readonly Kind[]): void {
    this.#router.on('GET', path, () => undefined, routes);
  }

  /** What is at the path of a URL; `malformed` where the URL cannot be decoded. */
  find(url: string): FoundPath<Kind> | 'malformed' | undefined {
    const found = this.#router.find('GET', url);
    if (found === null) return undefined;
    // Only what stands in for a bad URL has nothing stored.
    const routes = found.store as readonly Kind[] | null | undefined;
    return routes == null ? 'malformed' : { routes, params: found.params };
  }
}
