import type { RoleAssignment } from '@cosell/model';
import type { ApplyPlan } from '@cosell/odata';
import type { Act, ActsAsked, StoredAct } from './act.ts';
import type { ChainHead } from './act-chain.ts';
import type { AggregateRow } from './aggregates.ts';
import type { Change, ChangeKind, StoredChange } from './change.ts';
import type {
  Directory,
  DirectoryUser,
  FoundUser,
  Location,
  Organization,
  RoutingRule,
  StoredClient,
  StoredSigningKey,
} from './directory-entry.ts';
import type { IdentityReads } from './identity-reads.ts';
import type { IdentityWrites } from './identity-writes.ts';
import type { KeptAnswer, KeptAnswerKey } from './kept-answer.ts';
import type { ListedReferral, ListPage, ListScope } from './list-scope.ts';
import type { LogScans } from './log-scans.ts';
import type { ProviderReads, ProviderWrites } from './provider-records.ts';
import type { StoreSigns, WatchCommit } from './signs.ts';
import type {
  DocumentText,
  DueRecord,
  EngagementMember,
  OwnRecord,
  Put,
  ReferralRecord,
  StoredReferral,
  StoredView,
  ViewRecord,
  ViewText,
} from './stored-referral.ts';
import type { PastDocument, SweptDocument, SweptView } from './swept-rows.ts';
import type { TableRows } from './table-rows.ts';

/**
 * The contract between the domain and a database. One suite (`test/store`) holds both engines to it. Reads are single
 * statements; everything that writes is a `Command`, run whole in one transaction.
 */
export interface Store extends Pick<Scans, 'listReferrals' | 'countReferrals' | 'listChanges' | 'listActs'> {
  /** A referral that the organisation owns. */
  findReferral(organizationId: string, id: string): Promise<StoredReferral | undefined>;
  /** What the organisation may read of another member's referral. */
  findView(readerOrganizationId: string, id: string): Promise<StoredView | undefined>;
  /** The organisation's own records in an engagement. */
  findOwnRecords(organizationId: string, engagementId: string): Promise<OwnRecord[]>;
  /** Makes scans, one after the other, within the time of one. They see the same state. */
  scan<Result>(work: (scans: SnapshotScans) => Promise<Result>): Promise<Result>;
  /** Whether an e-mail address is on the team of a referral; letters of either case are equal. */
  isOnTeam(organizationId: string, id: string, email: string): Promise<boolean>;
  /** Whether the organisation reads another's record in an engagement. */
  hasViews(organizationId: string, engagementId: string): Promise<boolean>;
  /** The first instant at which a referral that waits is to be closed; null where none waits. */
  firstDue(): Promise<string | null>;
  /** Who a proved token speaks for; undefined when he is not in the directory. */
  findUser(tenantId: string, subject: string): Promise<FoundUser | undefined>;
  /** What the built-in provider asks for. */
  readonly provider: ProviderReads;
  /**
   * Whether a program may act for the user of a token: both are active, and it is of his organisation or was consented to.
   */
  mayAct(clientId: string, user: { readonly tenantId: string; readonly subject: string }): Promise<boolean>;
  /** Who somebody is, and what he has allowed. */
  readonly identity: IdentityReads;
  /** A program by its id. */
  findClient(clientId: string): Promise<StoredClient | undefined>;
  /** The directory, in the order of ids and names: the whole, or what belongs to one organisation. */
  listDirectory(organizationId?: string): Promise<Directory>;
  /** Keys of the built-in issuer, the newest first. */
  listSigningKeys(): Promise<StoredSigningKey[]>;
  /** Where the chain of the audit stands; without a record at 0. */
  findAuditHead(): Promise<ChainHead>;
  /** A fact about the exchange itself. */
  findFact(name: string): Promise<string | undefined>;
  /** Number of the newest migration that was applied. */
  readonly schemaNumber: number;
  /** Proves that the database answers; rejects when it does not. */
  ping(): Promise<void>;
  /** What shows whether it keeps up. Nothing is asked of the database. */
  signs(): StoreSigns;
  /** Tells one listener of each commit that this process makes, before the commit is acknowledged. */
  watchCommits(watch: WatchCommit): void;
  /** Runs a command in one transaction and answers after its commit. A `Failure` undoes it and is thrown here. */
  transact<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output>;
  /**
   * Runs a command for several inputs, each in a transaction of its own, in their order. Where one fails, those before it
   * stay, and so may those after it.
   */
  transactInOrder<Input, Output>(command: Command<Input, Output>, inputs: readonly Input[]): Promise<Output[]>;
  /**
   * Gives the room of what was removed back to the system. Writes wait meanwhile, reads go on. Undefined where the
   * database does that by itself.
   */
  compact(): Promise<Compaction | undefined>;
  /** Finishes what was asked before, and closes. */
  close(): Promise<void>;
}

/** How large a database was before and after it was compacted. */
export interface Compaction {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Reads that may look at many rows. They hold up no other request, and what takes longer than QUERY_TIMEOUT is the
 * `Failure` `queryTimeout`.
 */
export interface Scans {
  /** A page of the referrals of a list, in order. */
  listReferrals(scope: ListScope, page: ListPage): Promise<ListedReferral[]>;
  /** How many referrals a list has. */
  countReferrals(scope: ListScope): Promise<number>;
  /** A page of what transformations make of the referrals of a list, in order. */
  aggregateReferrals(scope: ListScope, plan: ApplyPlan, page: ListPage): Promise<AggregateRow[]>;
  /** How many results they make. */
  countAggregates(scope: ListScope, plan: ApplyPlan): Promise<number>;
  /** Every change of a referral in the log of an organisation, the oldest first. */
  listChanges(organizationId: string, referralId: string): Promise<StoredChange[]>;
  /** Records of the audit. */
  listActs(asked: ActsAsked): Promise<StoredAct[]>;
}

/** Reads that see the same state: those that may look at many rows, and those of the log. */
export interface SnapshotScans extends Scans, LogScans {}

/**
 * A write. It is named, because on SQLite it runs in the writer's thread: only its name and its input cross over, so
 * both input and output are plain data.
 */
export interface Command<Input, Output> {
  readonly name: string;
  /** Whether it writes many rows for somebody who waits for more than this one: on SQLite others go before it. */
  readonly isBulk?: boolean;
  run(transaction: Transaction, input: Input, surroundings: Surroundings): Promise<Output>;
}

/** What is uncertain, passed in. */
export interface Surroundings {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stopwatch: Stopwatch;
}

/** Milliseconds since some moment, by a clock that nobody sets. */
export type Stopwatch = () => number;

/** The time. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** New random ids. */
export interface Ids {
  guid(): string;
}

/** What a command can do to the store. */
export interface Transaction extends ProviderWrites, IdentityWrites {
  /**
   * Makes other transactions that lock the same name wait until this one ends, where several run at once. Whoever
   * decides by what it has read locks before it reads.
   */
  lock(name: string): Promise<void>;
  readDocument(organizationId: string, id: string): Promise<DocumentText | undefined>;
  /** Those of many ids that are there. */
  readDocuments(organizationId: string, ids: readonly string[]): Promise<(DocumentText & { readonly id: string })[]>;
  /** All records of an engagement, in whichever organisation, and who has sent one without having his own. */
  listEngagement(engagementId: string): Promise<EngagementMember[]>;
  /** Those of many engagements, each in the same order. */
  listEngagements(engagementIds: readonly string[]): Promise<(EngagementMember & { readonly engagementId: string })[]>;
  /** Makes an organisation a member of an engagement by its own record, as storing a new one does. */
  addOwner(record: ReferralRecord): Promise<void>;
  /** Makes an organisation a member of an engagement by a record that it has sent to another. */
  addSender(engagementId: string, organizationId: string, referralId: string): Promise<void>;
  /** The first records that are due to be closed at an instant, the earliest first. */
  listDue(now: string, most: number): Promise<DueRecord[]>;
  /** Those of some engagements. */
  listDueIn(engagementIds: readonly string[], now: string): Promise<DueRecord[]>;
  /** Stores a referral: its columns, its document and its children. One that is new has nothing to be taken away. */
  putReferral(record: ReferralRecord, how: { isNew: boolean }): Promise<void>;
  /** Stores referrals of one organisation, each once. */
  putReferrals(organizationId: string, puts: readonly Put<ReferralRecord>[]): Promise<void>;
  /** What a reader had of a referral. */
  readView(readerOrganizationId: string, id: string): Promise<ViewText | undefined>;
  /** What it had of many, where it had any. */
  readViews(readerOrganizationId: string, ids: readonly string[]): Promise<(ViewText & { readonly id: string })[]>;
  putView(record: ViewRecord, how: { isNew: boolean }): Promise<void>;
  /** Stores views of one reader, each once. */
  putViews(readerOrganizationId: string, puts: readonly Put<ViewRecord>[]): Promise<void>;
  /** Takes from a reader what he had of a referral, if anything. */
  removeView(readerOrganizationId: string, id: string): Promise<void>;
  /** Adds the next change of an organisation. */
  appendChange(change: Change): Promise<void>;
  /** Adds the next changes of one organisation, in their order. */
  appendChanges(organizationId: string, changes: readonly Change[]): Promise<void>;
  /** Every change of an own referral, the oldest first. */
  listPast(organizationId: string, referralId: string): Promise<StoredChange[]>;
  /** Whether a referral once had an eTag. */
  hadETag(organizationId: string, referralId: string, eTag: string): Promise<boolean>;
  /** The answer that was kept for a request, if it is still there. */
  findKeptAnswer(key: KeptAnswerKey): Promise<KeptAnswer | undefined>;
  keepAnswer(key: KeptAnswerKey, answer: KeptAnswer): Promise<void>;
  /** Forgets answers that were kept before an instant. */
  forgetAnswers(before: string): Promise<void>;
  /** Takes a referral from its owner, with its columns, and the places of both it and its sender in its engagement. */
  removeReferral(record: DueRecord): Promise<void>;
  /**
   * Leaves of the changes of a referral in an organisation's log no more than their numbers, their times and that it is
   * gone: `deleted` for an own one, `relatedRemoved` for what it read of another's. Gives how many there are.
   */
  emptyChanges(
    organizationId: string,
    referralId: string,
    kind: Extract<ChangeKind, 'deleted' | 'relatedRemoved'>,
  ): Promise<number>;
  /** Forgets the answers to an organisation's requests that name a referral. Gives how many there were. */
  forgetAnswersNaming(organizationId: string, id: string): Promise<number>;
  /** Across organisations: the next one, in the order of ids, that is in the directory or has anything stored. */
  nextOrganization(after: string): Promise<string | undefined>;
  /** An organisation's own documents after an id, in the order of ids; `most` is how many at most. */
  pageDocuments(organizationId: string, afterId: string, most: number): Promise<SweptDocument[]>;
  /** What a reader has of others' referrals, in the same way. */
  pageViews(readerOrganizationId: string, afterId: string, most: number): Promise<SweptView[]>;
  /** An organisation's changes after a number, in their order. */
  pagePast(organizationId: string, afterSequence: number, most: number): Promise<PastDocument[]>;
  /** The number of the last change of an organisation; 0 where there was none. */
  lastChange(organizationId: string): Promise<number>;
  /** Replaces what a change keeps of the past. */
  rewritePast(
    organizationId: string,
    past: Pick<PastDocument, 'sequence' | 'document' | 'actorUserId' | 'via'>,
  ): Promise<void>;
  /** Removes the documents of changes before an instant, among `most` numbers of a log. Gives how many (a dry run: would). */
  forgetPast(
    organizationId: string,
    range: { afterSequence: number; most: number; before: string; isDryRun: boolean },
  ): Promise<number>;
  /** Kept answers of an organisation after a key of user, target and request. */
  pageKeptAnswers(
    organizationId: string,
    after: readonly [userName: string, target: string, requestId: string],
    most: number,
  ): Promise<(KeptAnswerKey & KeptAnswer)[]>;
  replaceAnswer(key: KeptAnswerKey, answer: string): Promise<void>;
  removeAnswer(key: KeptAnswerKey): Promise<void>;
  /** Whether everything that is stored for a referral is what a record says: document, columns and children. */
  holdsReferral(record: ReferralRecord): Promise<boolean>;
  /** The same for a reader's view. */
  holdsView(view: ViewRecord): Promise<boolean>;
  /** Adds to the audit. The caller has locked it. */
  appendAct(act: Act): Promise<void>;
  /** Across organisations: takes every referral out of the exchange, with its views, changes and kept answers. */
  removeReferrals(): Promise<void>;
  /** Takes everybody out of the directory. */
  removeDirectory(): Promise<void>;
  /** The location that a business profile stands for, if it takes referrals. */
  findLocation(profileId: string): Promise<Location | undefined>;
  /** Those that take referrals. */
  listLocations(organizationId: string): Promise<Location[]>;
  /** Rules to locations that take referrals. */
  listRoutingRules(organizationId: string): Promise<RoutingRule[]>;
  putRoutingRule(organizationId: string, rule: RoutingRule): Promise<void>;
  removeRoutingRule(organizationId: string, rule: Omit<RoutingRule, 'mpnId'>): Promise<void>;
  removeFact(name: string): Promise<void>;
  putOrganization(organization: Organization): Promise<void>;
  findOrganization(id: string): Promise<Organization | undefined>;
  removeOrganization(id: string): Promise<void>;
  /** Whose organisation a tenant speaks for. */
  findTenant(id: string): Promise<{ organizationId: string } | undefined>;
  putTenant(tenant: { id: string; organizationId: string }): Promise<void>;
  putLocation(location: Location): Promise<void>;
  removeLocation(organizationId: string, mpnId: string): Promise<void>;
  putUser(user: Omit<DirectoryUser, 'roles'>): Promise<void>;
  removeUser(organizationId: string, name: string): Promise<void>;
  putRole(organizationId: string, userName: string, role: RoleAssignment): Promise<void>;
  removeRole(organizationId: string, userName: string, role: RoleAssignment): Promise<void>;
  /** `people` leaves out programs, invitations and consents. */
  listDirectory(organizationId?: string, parts?: 'all' | 'people'): Promise<Directory>;
  /** Whether the organisation owns any referral. */
  hasReferrals(organizationId: string): Promise<boolean>;
  addSigningKey(key: StoredSigningKey): Promise<void>;
  removeSigningKey(kid: string): Promise<void>;
  listSigningKeys(): Promise<StoredSigningKey[]>;
  putFact(name: string, value: string): Promise<void>;
  findFact(name: string): Promise<string | undefined>;
  /** Inserts rows as they are, whatever they mean. */
  insertRows(rows: TableRows): Promise<void>;
  /** Whether a table has a row. */
  hasRows(table: string): Promise<boolean>;
  /** Takes every row out of a table. */
  removeRows(table: string): Promise<void>;
}
