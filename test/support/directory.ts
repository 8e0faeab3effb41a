import { createOperations, routes } from '@cosell/server';
import { send, type TestServer, type WireAnswer } from './test-server.ts';

/** The routes of the directory. */
export const directoryRoutes = routes.filter(({ isExtension }) => isExtension === 'directory');

/** Where the directory of an organisation is. */
export const directoryOf = (organization: string) => `/directory/v1/organizations/${organization}`;

/** What a request of the directory may have beside method and path. */
export interface DirectoryAsking {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests as a sample user, or as whoever runs the exchange. */
export function directoryClient(server: TestServer, user: string | undefined) {
  const { store, issuer } = server.exchange;
  let token: Promise<{ token: string }> | undefined;
  return async (method: string, path: string, { body, headers = {} }: DirectoryAsking = {}): Promise<WireAnswer> => {
    token ??= createOperations(store, issuer, () => server.origin).mintToken(
      user === undefined ? { operator: true } : { user },
    );
    const authorization = `Bearer ${(await token).token}`;
    // Without a length, what follows a DELETE would be read as the next request.
    const hasNone = body === undefined || method === 'GET' || method === 'DELETE';
    const text = hasNone ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return send(server.port, path, {
      method,
      headers: { authorization, ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
  };
}

/** The path of a route with the parameters filled in, encoded as a client does. */
export function pathOf(template: string, parameters: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(parameters[name] ?? 'nothing'));
}
