import { createHash } from 'node:crypto';
import { type Failure, failure, foldEmail } from '@cosell/model';
import type { LogPlace } from '../store/log-scans.ts';
import type { SnapshotScans } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { fixedText } from './exchange-clock.ts';
import type { LogFacts } from './log-facts.ts';

/** A state of a list as its caller has it, from which he asks on what has changed. It travels in his links. */
export interface ListState extends LogFacts {
  /** The number of the last change that is in it. */
  readonly sequence: number;
  /**
   * The number of the last change before the last page of the list was read. Pages show what is there when they are read,
   * so that of what changed in between the client may have any state.
   */
  readonly readUntil: number;
  /** Fingerprint of that change, by which the log is known again. */
  readonly mark: string;
  /** Fingerprint of what the caller reached by his roles. */
  readonly reach: string;
  /** Whether he was shown the other members' records of the engagement that he asked for. */
  readonly isMember: boolean;
  /** When it was, by the exchange's clock: text of 28 characters. */
  readonly at: string;
}

/** For how many days of the exchange's time a state can be asked on from. */
export const oldestDays = 30;

/** How many changes may have happened since, in everything that the organisation reads. */
export const mostChanges = 100_000;

const dayMs = 86_400_000;

/** What a caller and his question are at this moment. */
export interface Standing {
  readonly caller: AdmittedCaller;
  readonly isMember: boolean;
  readonly facts: LogFacts;
  readonly now: string;
}

/** The state of a list whose snapshot ends at a place of the log. */
export function listState({ sequence, mark }: LogPlace, standing: Standing): ListState {
  const { caller, isMember, facts, now } = standing;
  const what = { sequence, readUntil: sequence, mark: fingerprint(mark), ...facts };
  return { ...what, reach: reachOf(caller), isMember, at: now };
}

/**
 * Refuses what can be told to be gone without looking at the log.
 *
 * @throws Failure `changesUnknown`
 */
export function refuseOutdated(state: ListState, { caller, isMember, facts, now }: Standing): void {
  if (state.beginning !== facts.beginning) throw changesUnknown('the exchange was reset');
  if (state.reach !== reachOf(caller)) throw changesUnknown('what your roles reach is not the same any more');
  if (state.isMember !== isMember) throw changesUnknown('your part in the engagement is not the same any more');
  if (state.at < fixedText(Date.parse(now) - oldestDays * dayMs)) {
    throw changesUnknown(`the link is older than ${oldestDays} days`);
  }
}

/**
 * Refuses a state of another log, or one that too much has happened since.
 *
 * @throws Failure `changesUnknown`
 */
export async function refuseOtherLog(
  scans: SnapshotScans,
  { sequence, mark }: ListState,
  organizationId: string,
): Promise<void> {
  const found = await scans.logMark(organizationId, sequence);
  // As after a backup was put back.
  if (found === undefined || fingerprint(found) !== mark) throw changesUnknown('the log of changes is another one');
}

/** Why a caller has to begin again with the list. */
export function changesUnknown(reason: string): Failure {
  return failure('changesUnknown', { reason });
}

/** A caller who reaches everything does so whatever else he is; an address counts only where teams do. */
function reachOf({ grant, email }: AdmittedCaller): string {
  if (grant.isWholeOrganisation) return 'all';
  const locations = [...new Set(grant.locations)].sort();
  return fingerprint(JSON.stringify([locations, grant.isTeamMember ? foldEmail(email) : null]));
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
