import { failure } from '@cosell/model';
import type { ListState } from '../../domain/list-state.ts';
import { readSigned, signText, type TokenHolder } from './signed-text.ts';

/** Where a walk through a list stands. It travels in `$skiptoken`, which only its own user can read back. */
export interface ListPosition {
  /** The options of the query, as they were sent. */
  readonly options: Readonly<Record<string, string>>;
  /** The keys of the last referral that was sent. */
  readonly after: readonly (string | null)[];
  /** The count of the first page; null where none is asked for. */
  readonly count: number | null;
  /** How many more `$top` asks for; null for all. */
  readonly remaining: number | null;
  /** What `maxpagesize` asked for; null where it did not. */
  readonly pageSize: number | null;
  /** The state of the list at its first page, from which changes are tracked; null where they are not. */
  readonly state: ListState | null;
}

/** Writes a position as a token. */
export function formatSkipToken(position: ListPosition, holder: TokenHolder, key: string): string {
  return signText('$skiptoken', position, holder, key);
}

/**
 * Reads a position back.
 *
 * @throws Failure `skipTokenInvalid`
 */
export function parseSkipToken(token: string, holder: TokenHolder, key: string): ListPosition {
  const position = readSigned('$skiptoken', token, holder, key);
  if (position === undefined) throw failure('skipTokenInvalid');
  return position as ListPosition;
}
