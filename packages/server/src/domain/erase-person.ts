import { erasedText, failure, foldEmail, type PersonEraser, personEraser, readStored } from '@cosell/model';
import type { ListedInvitation } from '../store/directory-entry.ts';
import type { KeptAnswer, KeptAnswerKey } from '../store/kept-answer.ts';
import { recordOf } from '../store/rows.ts';
import type { Command, Surroundings, Transaction } from '../store/store.ts';
import type { PastDocument, SweptDocument, SweptView } from '../store/swept-rows.ts';
import { recordAct } from './acts.ts';
import { byTheOperator, microsoft } from './engagements.ts';
import { mintETag } from './etag.ts';
import { fixedText } from './exchange-clock.ts';
import { settleEngagement } from './expiry.ts';
import { pastRewritten, renewLogFact } from './log-facts.ts';
import { readMoment } from './moment.ts';
import { storeRecord } from './store-record.ts';
import { type Counts, type SweepPart, type SweepProgress, type SweptPage, sweepOn, sweepRows } from './sweep.ts';
import type { WriteOutcome } from './write-outcome.ts';

/** Whom to erase. */
export interface Erasing {
  readonly email: string;
  /** Only say what would be done. */
  readonly isDryRun: boolean;
  /** Where the former transaction left off; undefined for the first. */
  readonly progress?: SweepProgress;
}

/** What one transaction has, to erase one person. */
interface Eraser {
  readonly transaction: Transaction;
  readonly surroundings: Surroundings;
  readonly person: PersonEraser;
  readonly isDryRun: boolean;
  readonly invitations: readonly ListedInvitation[];
  /** Whether a user of an organisation is this person. */
  isUser(organizationId: string | null, userName: string | null): boolean;
}

/**
 * Blanks a person everywhere, one batch at a time: in the documents, which makes new versions of them and of what others
 * read; then in views, in the past and in kept answers. The documents go first: what they were until now is past after
 * that, and is met there. Users of the directory stay.
 *
 * @throws Failure `cleanUpRefused`
 */
export const erasePerson: Command<Erasing, SweepProgress> = {
  name: 'erasePerson',
  async run(transaction, { email: given, isDryRun, progress }, surroundings) {
    const email = given.trim();
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
      throw failure('cleanUpRefused', { reason: `"${email}" is not an e-mail address` });
    }
    const record = (kind: 'erasureBegun' | 'erasureDone', counts: Counts) =>
      recordAct(transaction, surroundings, { kind, subject: email, details: counts });
    if (progress === undefined && !isDryRun) await record('erasureBegun', {});
    const { users, invitations } = await transaction.listDirectory();
    const folded = foldEmail(email);
    const names = new Set(
      users
        .filter((user) => foldEmail(user.email) === folded)
        .map(({ organizationId, name }) => `${organizationId} ${name}`),
    );
    const eraser: Eraser = {
      transaction,
      surroundings,
      person: personEraser(email),
      isDryRun,
      invitations,
      isUser: (organizationId, name) =>
        (name !== null && foldEmail(name) === folded) || names.has(`${organizationId} ${name}`),
    };
    const next = await sweepOn(transaction, partsOf(eraser), progress);
    // Nobody may reckon from the log any more what somebody else's list had before.
    const hasErased = countsOfReferrals(next.counts) !== countsOfReferrals(progress?.counts ?? {});
    if (!isDryRun && hasErased) await renewLogFact(transaction, surroundings, pastRewritten);
    if (next.isDone && !isDryRun) await record('erasureDone', next.counts);
    return next;
  },
};

function partsOf(eraser: Eraser): SweepPart[] {
  const { transaction } = eraser;
  const idOf = ({ id }: { id: string }) => id;
  return [
    async (organizationId, after, most) =>
      sweepRows(await transaction.pageDocuments(organizationId, after, most), idOf, (row) =>
        eraseDocument(eraser, organizationId, row),
      ),
    async (organizationId, after, most) =>
      sweepRows(await transaction.pageViews(organizationId, after, most), idOf, (row) =>
        eraseView(eraser, organizationId, row),
      ),
    async (organizationId, after, most) =>
      sweepRows(
        await transaction.pagePast(organizationId, Number(after), most),
        ({ sequence }) => String(sequence),
        (row) => erasePast(eraser, organizationId, row),
      ),
    async (organizationId, after, most) =>
      sweepRows(
        await transaction.pageKeptAnswers(organizationId, answerPlace(after), most),
        ({ userName, target, requestId }) => JSON.stringify([userName, target, requestId]),
        (row) => eraseAnswer(eraser, row),
      ),
    (organizationId) => eraseInvitations(eraser, organizationId),
  ];
}

/** Whatever was done to referrals and their log, as text. */
function countsOfReferrals({ invitations: _invitations, ...counts }: Counts): string {
  return JSON.stringify(counts);
}

const nothing: Counts = {};

/** A new version of the record, with a change that keeps the version before it without the person. */
async function eraseDocument(eraser: Eraser, organizationId: string, row: SweptDocument): Promise<Counts> {
  const { transaction, surroundings, person, isDryRun } = eraser;
  if (!person.mayBeIn(row.document)) return nothing;
  if (!isDryRun) await transaction.lock(`engagement ${row.engagementId}`);
  const moment = await readMoment(transaction, surroundings);
  if (!isDryRun) await settleEngagement(transaction, moment, row.engagementId);
  // It may have changed since the page was read.
  const stored = await transaction.readDocument(organizationId, row.id);
  if (stored === undefined) return nothing;
  const { referral, people, mentions } = person.eraseFrom(readStored(stored.document));
  if (people + mentions === 0) return nothing;
  let views = 0;
  if (!isDryRun) {
    views = await countViews(eraser, organizationId, row);
    const before = { ...stored, ...recordOf({ ...referral, eTag: stored.eTag }, stored.dueAt) };
    await storeRecord(transaction, moment, {
      before,
      after: referral,
      kind: 'erased',
      dueAt: stored.dueAt,
      acting: byTheOperator,
    });
  }
  return { documents: 1, people, mentions, views };
}

/** How many readers are shown the person: their views are made anew with the document. */
async function countViews({ transaction, person }: Eraser, ownerId: string, row: SweptDocument): Promise<number> {
  const members = await transaction.listEngagement(row.engagementId);
  const readers = new Set([...members.map(({ organizationId }) => organizationId), microsoft]);
  let views = 0;
  for (const reader of readers) {
    const view = reader === ownerId ? undefined : await transaction.readView(reader, row.id);
    if (view === undefined || !person.mayBeIn(view.document)) continue;
    const { people, mentions } = person.eraseFrom(readStored(view.document));
    if (people + mentions > 0) views += 1;
  }
  return views;
}

/** Views were made anew with their documents; what is met here had fallen behind. */
async function eraseView(eraser: Eraser, readerOrganizationId: string, row: SweptView): Promise<Counts> {
  const { transaction, surroundings, person, isDryRun } = eraser;
  if (!person.mayBeIn(row.document)) return nothing;
  const { referral, people, mentions } = person.eraseFrom(readStored(row.document));
  if (people + mentions === 0) return nothing;
  if (!isDryRun) {
    const moment = await readMoment(transaction, surroundings);
    const former = recordOf({ ...referral, eTag: referral.eTag ?? '' });
    const record = recordOf({ ...referral, eTag: mintETag(moment) }, row.dueAt);
    await transaction.putView({ ...record, readerOrganizationId, sharing: row.sharing }, { isNew: false });
    await transaction.appendChange({
      organizationId: readerOrganizationId,
      referralId: row.id,
      occurredAt: moment.text,
      kind: 'relatedChanged',
      actedBy: 'operator',
      actorOrganizationId: null,
      actorUserId: null,
      via: null,
      eTagAfter: record.eTag,
      documentBefore: former.document,
    });
  }
  return { views: 1 };
}

async function erasePast({ person, ...eraser }: Eraser, organizationId: string, row: PastDocument): Promise<Counts> {
  const isActor = eraser.isUser(row.actorOrganizationId, row.actorUserId);
  const via = row.via === null ? null : person.eraseText(row.via);
  let { document } = row;
  if (document !== null && person.mayBeIn(document)) {
    const before = readStored(document);
    const { referral, people, mentions } = person.eraseFrom(before);
    // It stays the version that it was.
    if (people + mentions > 0) document = recordOf({ ...referral, eTag: before.eTag ?? '' }).document;
  }
  if (!isActor && via === row.via && document === row.document) return nothing;
  if (!eraser.isDryRun) {
    const actorUserId = isActor ? null : row.actorUserId;
    await eraser.transaction.rewritePast(organizationId, { ...row, document, actorUserId, via });
  }
  return { changes: 1 };
}

/** An answer to the person himself is forgotten: who asked is its key. */
async function eraseAnswer(eraser: Eraser, row: KeptAnswerKey & KeptAnswer): Promise<Counts> {
  const { transaction, person, isDryRun } = eraser;
  const isHis = eraser.isUser(row.organizationId, row.userName);
  const answer = isHis ? row.answer : eraseOutcome(person, row.answer);
  if (!isHis && answer === row.answer) return nothing;
  if (!isDryRun) await (isHis ? transaction.removeAnswer(row) : transaction.replaceAnswer(row, answer));
  return { answers: 1 };
}

function eraseOutcome(person: PersonEraser, answer: string): string {
  if (!person.mayBeIn(answer)) return answer;
  const outcome = JSON.parse(answer) as WriteOutcome;
  const { referral, people, mentions } = person.eraseFrom(readStored(outcome.document));
  const { document, linksOffset } =
    people + mentions === 0 ? outcome : recordOf({ ...referral, eTag: referral.eTag ?? '' });
  const told = JSON.parse(person.eraseJson(JSON.stringify({ ...outcome, document: '' }))) as WriteOutcome;
  return JSON.stringify({ ...told, document, linksOffset });
}

/** An open invitation to the person is withdrawn. Who has invited stays for as long as the link may be opened. */
async function eraseInvitations(eraser: Eraser, organizationId: string): Promise<SweptPage> {
  const { transaction, surroundings, person, isDryRun } = eraser;
  const now = fixedText(surroundings.clock.now());
  const erased = (name: string) => (eraser.isUser(organizationId, name) ? erasedText : person.eraseText(name));
  let count = 0;
  for (const invitation of eraser.invitations) {
    if (invitation.organizationId !== organizationId) continue;
    const { id, acceptedAt, withdrawnAt, expiresAt } = invitation;
    const email = person.eraseText(invitation.email);
    const userName = erased(invitation.userName);
    const isTo = email !== invitation.email || userName !== invitation.userName;
    const isOpen = acceptedAt === null && withdrawnAt === null && expiresAt > now;
    const invitedBy = isOpen && !isTo ? invitation.invitedBy : erased(invitation.invitedBy);
    if (!isTo && invitedBy === invitation.invitedBy) continue;
    count += 1;
    if (isDryRun) continue;
    await transaction.renameInvitation({ organizationId, id, email, userName, invitedBy });
    if (isOpen) await transaction.endInvitation(organizationId, id, { acceptedAt, withdrawnAt: now });
  }
  return { looked: 0, last: null, counts: count === 0 ? nothing : { invitations: count } };
}

function answerPlace(after: string): readonly [string, string, string] {
  return after === '' ? ['', '', ''] : (JSON.parse(after) as [string, string, string]);
}
