import { failure } from '@cosell/model';
import type { DeltaPlace } from '../../domain/delta.ts';
import type { ListState } from '../../domain/list-state.ts';
import { readSigned, signText, type TokenHolder } from './signed-text.ts';

/** From where a client asks what has changed. It travels in `$deltatoken`, which only its own user can read back. */
export interface DeltaPosition {
  /** The options of the query that the list was asked for with, without those that only that list has. */
  readonly options: Readonly<Record<string, string>>;
  /** The state that the client has. */
  readonly since: ListState;
  /** Where an answer of several pages stands; null before its first. */
  readonly place: DeltaPlace | null;
  /** What `maxpagesize` asked for; null where it did not. */
  readonly pageSize: number | null;
}

/** Writes a position as a token. */
export function formatDeltaToken(position: DeltaPosition, holder: TokenHolder, key: string): string {
  return signText('$deltatoken', position, holder, key);
}

/**
 * Reads a position back.
 *
 * @throws Failure `deltaTokenInvalid`
 */
export function parseDeltaToken(token: string, holder: TokenHolder, key: string): DeltaPosition {
  const position = readSigned('$deltatoken', token, holder, key);
  if (position === undefined) throw failure('deltaTokenInvalid');
  return position as DeltaPosition;
}
