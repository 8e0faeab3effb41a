import type { Socket } from 'node:net';
import { failure } from '@cosell/model';
import { type AccessToken, fingerprinted } from '../identity/access-token.ts';

/** What a connection sent last. */
interface Remembered {
  readonly authorization: string;
  readonly token: AccessToken;
}

/** A client repeats its token on every request of a connection; comparing it is far cheaper than hashing it again. */
const lastOfConnection = new WeakMap<Socket, Remembered>();

/**
 * The access token of a request (RFC 6750, section 2.1).
 *
 * @throws Failure `tokenMissing`, `tokenMalformed`
 */
export function readBearer(authorization: string | undefined, connection: Socket): AccessToken {
  if (authorization === undefined) throw failure('tokenMissing');
  const last = lastOfConnection.get(connection);
  if (last?.authorization === authorization) return last.token;
  const match = /^Bearer +([^ ]+) *$/i.exec(authorization);
  if (match?.[1] === undefined) {
    throw failure('tokenMalformed', { reason: 'the header is not "Bearer", a space and the token' });
  }
  const token = fingerprinted(match[1]);
  lastOfConnection.set(connection, { authorization, token });
  return token;
}
