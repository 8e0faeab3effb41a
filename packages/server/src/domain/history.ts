import { failure, maskView, readStored } from '@cosell/model';
import { formatInstantFixed, parseInstant } from '@cosell/odata';
import type { ChangeKind, StoredChange } from '../store/change.ts';
import { recordOf } from '../store/rows.ts';
import type { Store, Surroundings } from '../store/store.ts';
import type { StoredView } from '../store/stored-referral.ts';
import type { AdmittedCaller } from './caller.ts';
import { getReferral, type ReadReferral } from './referrals.ts';

/** One change of a referral, as its reader may see it. */
export interface HistoryEntry {
  readonly change: StoredChange;
  /** The states before and after; null where there was none. */
  readonly before: PastState | null;
  readonly after: PastState | null;
}

/** A state that a referral had. */
export interface PastState {
  readonly document: string;
  readonly linksOffset: number;
  /** JSON pointers of what was shown then and is not any more; it is null in the document. */
  readonly erased: readonly string[];
}

type Clocked = Pick<Surroundings, 'clock'>;

/**
 * Every change of a referral that this caller reads now, the oldest first: of an own record its changes, of another's
 * the changes of what this organisation was shown of it. What he would not be shown today is left out of the past, too.
 *
 * @throws Failure as `getReferral`
 */
export async function listHistory(
  store: Store,
  clocked: Clocked,
  caller: AdmittedCaller,
  id: string,
): Promise<{ entries: HistoryEntry[]; read: ReadReferral }> {
  const { read, changes } = await readWithChanges(store, clocked, caller, id);
  const past = (document: string | null) => (document === null ? null : stateOf(document, read));
  const entries = changes.map((change, at) => {
    const next = changes[at + 1];
    const after = next === undefined ? read.stored.document : next.documentBefore;
    return { change, before: past(change.documentBefore), after: past(after) };
  });
  return { entries, read };
}

/** How often a reading is tried again that somebody's write came into. */
const mostTries = 10;

/** A referral with its changes. They are two readings, and where a write came in between, both are made again. */
async function readWithChanges(store: Store, clocked: Clocked, caller: AdmittedCaller, id: string) {
  for (let tries = 1; ; tries += 1) {
    const read = await getReferral(store, clocked, caller, id);
    const changes = await store.listChanges(caller.organizationId, id);
    if (changes.at(-1)?.eTagAfter === read.stored.eTag || tries >= mostTries) return { read, changes };
  }
}

/**
 * A referral as it was at an instant.
 *
 * @throws Failure `malformedInstant`, `referralNotFound` where it was not yet there, `pastRemoved` where nobody can say any
 * more what it was, and as `getReferral`
 */
export async function getReferralAsOf(
  store: Store,
  clocked: Clocked,
  caller: AdmittedCaller,
  { id, asOf }: { readonly id: string; readonly asOf: string },
): Promise<ReadReferral> {
  const instant = parseInstant(asOf);
  if (instant === undefined) throw failure('malformedInstant', { option: 'asOf' });
  const at = formatInstantFixed(instant);
  const { entries, read } = await listHistory(store, clocked, caller, id);
  // A referral that was loaded with its past is known from its first capture on, as it was then.
  const next = entries.find(({ change }) => change.occurredAt > at);
  if (next === undefined) return read;
  if (next.before === null) {
    if (isBeginning.has(next.change.kind)) throw failure('referralNotFound');
    throw failure('pastRemoved', { since: next.change.occurredAt });
  }
  const { document, linksOffset, erased } = next.before;
  const { eTag } = JSON.parse(document) as { eTag: string };
  const told = erased.length === 0 ? document : withErased(document, erased);
  const stored: StoredView = {
    ...read.stored,
    document: told,
    linksOffset,
    eTag,
    byteLength: Buffer.byteLength(told),
  };
  return { stored, isOwn: read.isOwn };
}

/** Changes that nothing was before, so far as is known: of one that was deleted and came back, nothing is. */
const isBeginning: ReadonlySet<ChangeKind> = new Set([
  'imported',
  'created',
  'relatedCreated',
  'deleted',
  'relatedRemoved',
]);

/** Names in a document what was erased from it. */
export function withErased(document: string, erased: readonly string[]): string {
  return `${document.slice(0, -1)},"@cosell.erased":${JSON.stringify(erased)}}`;
}

function stateOf(document: string, { stored, isOwn }: ReadReferral): PastState {
  const referral = readStored(document);
  const masked = isOwn || stored.sharing === undefined ? { referral, erased: [] } : maskView(referral, stored.sharing);
  const { document: text, linksOffset } = recordOf({ ...masked.referral, eTag: referral.eTag ?? '' });
  return { document: text, linksOffset, erased: masked.erased };
}
