import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { collection, documented } from './answers.ts';
import type { TestServer, WireAnswer } from './test-server.ts';

/** A key of an issuer: what it signs with, and what it publishes. */
export interface IssuerKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Claims, of whatever form; those that are undefined are left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** How to sign: header members beside `alg`, `kid` and `typ`, and another key than the first. */
export interface Signing {
  readonly key?: IssuerKey;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** An OpenID Connect provider that really runs: discovery and keys over HTTP, tokens signed with jose. */
export interface TestIssuer {
  /** Where it listens. */
  readonly origin: string;
  /** Its `iss`. */
  readonly name: string;
  /** Where its discovery document is. */
  readonly discovery: string;
  /** The keys that it publishes; the first one signs. */
  readonly keys: IssuerKey[];
  /** How often it was asked. */
  readonly asked: { discovery: number; keys: number };
  /** Answers in the place of the documents, while a test wants trouble. */
  readonly trouble: { discovery?: Trouble; keys?: Trouble };
  sign(claims: Claims, signing?: Signing): Promise<string>;
  close(): Promise<void>;
}

/** Answers a request to an issuer in its own way. */
export type Trouble = (request: IncomingMessage, response: ServerResponse) => void;

/** Makes a key pair for an issuer. */
export async function makeKey(kid: string, algorithm = 'RS256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: algorithm };
  return { kid, algorithm, privateKey, publicJwk };
}

/** Starts an issuer. `path` is the path of its `iss` behind its origin. */
export async function startIssuer(algorithm = 'RS256', path = '/v2.0'): Promise<TestIssuer> {
  const keys = [await makeKey('first', algorithm)];
  const asked = { discovery: 0, keys: 0 };
  const trouble: TestIssuer['trouble'] = {};
  const server = createServer((request, response) => {
    const kind = request.url?.endsWith('/keys') === true ? 'keys' : 'discovery';
    asked[kind] += 1;
    const own = trouble[kind];
    if (own !== undefined) return own(request, response);
    const documents = {
      discovery: { issuer: name, jwks_uri: `${origin}/keys` },
      keys: { keys: keys.map(({ publicJwk }) => publicJwk) },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(documents[kind]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const name = origin + path;
  return {
    origin,
    name,
    discovery: `${origin}/somewhere/openid-configuration`,
    keys,
    asked,
    trouble,
    async sign(claims, { key = keys[0], header = {} } = {}) {
      if (key === undefined) throw new Error('the issuer has no key');
      const { kid, algorithm: alg, privateKey } = key;
      return new SignJWT(claims as JWTPayload).setProtectedHeader({ typ: 'JWT', alg, kid, ...header }).sign(privateKey);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The value of ISSUERS for some issuers. */
export function issuersSetting(
  ...trusted: readonly { issuer: TestIssuer; audiences?: readonly string[]; tenants: readonly string[] }[]
): string {
  return JSON.stringify(
    trusted.map(({ issuer, audiences = ['api://cosell'], tenants }) => ({
      issuer: issuer.name,
      audiences,
      tenants,
      discovery: issuer.discovery,
    })),
  );
}

/** Seconds since 1970, `offset` from now. */
export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

/** Asks for the documented referral with a token. */
export function askWith(server: TestServer, token: string, path = `${collection}/${documented}`): Promise<WireAnswer> {
  return server.ask(path, { headers: { authorization: `Bearer ${token}` } });
}
