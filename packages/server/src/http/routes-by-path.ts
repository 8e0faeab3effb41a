import type { Route, Surface } from './route.ts';

/** The routes of each path, without those of extensions that are off: there is nothing at their paths. */
export function routesByPath(routes: readonly Route[], { config, sandbox }: Surface): Map<string, Route[]> {
  const found = new Map<string, Route[]>();
  for (const route of routes) {
    if (route.isExtension !== undefined && !config.extensions) continue;
    if (route.access === 'operator' && sandbox === undefined) continue;
    for (const path of route.paths) found.set(path, [...(found.get(path) ?? []), route]);
  }
  return found;
}

/** The methods that a path allows. Whatever can be asked for by GET can be asked for by HEAD. */
export function allowedOf(routes: readonly Pick<Route, 'method'>[]): string[] {
  return routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
