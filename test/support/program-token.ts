import { importJWK, type JWK, SignJWT } from 'jose';
import type { TestServer } from './test-server.ts';

/** A token of the built-in issuer that a program has got for a user: like that of the command line, but for its client. */
export async function programToken(server: TestServer, user: string, clientId: string): Promise<string> {
  const [, payload = ''] = (await server.tokenOf(user)).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const [key] = await server.exchange.store.listSigningKeys();
  if (key === undefined) throw new Error('there is no signing key');
  const { algorithm, kid, privateJwk } = key;
  return new SignJWT({ ...claims, appid: clientId })
    .setProtectedHeader({ typ: 'JWT', alg: algorithm, kid })
    .sign(await importJWK(JSON.parse(privateJwk) as JWK, algorithm));
}
