import { isMarketplaceLead, readStored } from '@cosell/model';
import { beginnings, ends, type StoredChange } from '../store/change.ts';

/** Whether a referral was in a list. */
export type Presence = 'in' | 'out' | 'unknown';

/** Stands for the eTag in the last change of a marketplace lead that nobody was ever shown. */
const neverShown = '';

/** Stands there where it is not kept any more whether somebody was. */
const shownPerhaps = '?';

/**
 * What the last change of a deleted marketplace lead keeps of whether it was ever in a list that asks for everything. Nobody
 * is to be told that it is gone but those who had it before it became one.
 *
 * @param past its changes before they are emptied, the oldest first
 * @returns its eTag where it was, or what stands for it
 */
export function lastETagOfLead(eTag: string, past: readonly StoredChange[]): string {
  const presences = past.map((change, at) => presenceBefore(change, past[at - 1]));
  if (presences.includes('in')) return eTag;
  return presences.includes('unknown') ? shownPerhaps : neverShown;
}

/** Whether a referral was listed before a change of it. */
function presenceBefore({ kind, eTagAfter, documentBefore }: StoredChange, former: StoredChange | undefined): Presence {
  if (documentBefore !== null) return isMarketplaceLead(readStored(documentBefore)) ? 'out' : 'in';
  if (beginnings.has(kind)) return 'out';
  if (!ends.has(kind) || eTagAfter === shownPerhaps) return 'unknown';
  // Another one had this id and was deleted: of its emptied changes, only the last repeats an eTag, if it was ever shown.
  return eTagAfter === former?.eTagAfter ? 'in' : 'out';
}

/** Whether a deleted referral was in a list that asks for everything, by the eTag of its last change. */
export function presenceBeforeEnd(eTag: string): Presence {
  if (eTag === neverShown) return 'out';
  return eTag === shownPerhaps ? 'unknown' : 'in';
}

/** What a client is told of a referral that has changed. */
export type Verdict =
  /** What it is now. */
  | 'shown'
  /** That it is not in his list any more. */
  | 'removed'
  /** Nothing. */
  | 'passed'
  /** It cannot be told whether he has it. */
  | 'undecided';

/**
 * What a client is told of a referral that has changed between two states of his list. What happened after the second is
 * told by the next answer, which goes on from there; but nobody is shown what he may not read now.
 *
 * @param was whether it was in the state that he has
 * @param became whether it is in the state up to which he is told; undefined where nothing has happened since
 * @param isThere whether it is in his list now
 */
export function verdictOf(was: Presence, became: Presence | undefined, isThere: boolean): Verdict {
  const then = became ?? (isThere ? 'in' : 'out');
  // It left after that: the next answer says so.
  if (then === 'in') return isThere ? 'shown' : 'passed';
  if (then === 'unknown') return 'undecided';
  if (was === 'unknown') return 'undecided';
  return was === 'in' ? 'removed' : 'passed';
}
