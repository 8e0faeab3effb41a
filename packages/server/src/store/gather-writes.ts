import type { Change } from './change.ts';
import type { Transaction } from './store.ts';
import type {
  DocumentText,
  DueRecord,
  EngagementMember,
  Put,
  ReferralRecord,
  ViewRecord,
  ViewText,
} from './stored-referral.ts';

/** A transaction for many referrals: what is known to be read is read together, and what is written is written together. */
export interface Gathered {
  /** Takes the same steps as the transaction below it, and every step finds what the steps before it have written. */
  readonly transaction: Transaction;
  /** Reads documents of an organisation before they are asked for, one by one. */
  foreseeDocuments(organizationId: string, ids: readonly string[]): Promise<void>;
  foreseeViews(readerOrganizationId: string, ids: readonly string[]): Promise<void>;
  /** Reads members of engagements and what is due in them. The caller has locked them. */
  foreseeEngagements(engagementIds: readonly string[], now: string): Promise<void>;
  /** Writes what has been gathered. Without it, nothing of that is stored. */
  write(): Promise<void>;
}

/**
 * Gathers the writes of a transaction. A step that cannot be answered from what is known first has everything written and
 * is then taken below, so whoever uses the transaction notices nothing of it.
 */
export function gatherWrites(below: Transaction): Gathered {
  const batch = new Batch(below);
  const steps = (Object.keys(below) as (keyof Transaction)[]).map((step) => {
    const take = async (...inputs: unknown[]) => {
      await batch.write();
      batch.forget();
      return (below[step] as (...inputs: unknown[]) => Promise<unknown>)(...inputs);
    };
    return [step, take] as const;
  });
  // Each step takes what the step of this name below it takes.
  const others = Object.fromEntries(steps) as unknown as Transaction;
  return {
    transaction: {
      ...others,
      // Neither writes anything that is gathered, nor changes what is known.
      lock: (name) => below.lock(name),
      findOrganization: (id) => batch.findOrganization(id),
      readDocument: (organizationId, id) => batch.readDocument(organizationId, id),
      readView: (readerOrganizationId, id) => batch.readView(readerOrganizationId, id),
      listEngagement: (engagementId) => batch.listEngagement(engagementId),
      listDueIn: (engagementIds, now) => batch.listDueIn(engagementIds, now),
      putReferral: async (record, how) => batch.putReferral(record, how),
      putView: async (record, how) => batch.putView(record, how),
      removeView: (readerOrganizationId, id) => batch.removeView(readerOrganizationId, id),
      appendChange: async (change) => void gathered(batch.changes, change.organizationId).push(change),
    },
    foreseeDocuments: (organizationId, ids) => batch.foreseeDocuments(organizationId, ids),
    foreseeViews: (readerOrganizationId, ids) => batch.foreseeViews(readerOrganizationId, ids),
    foreseeEngagements: (engagementIds, now) => batch.foreseeEngagements(engagementIds, now),
    write: () => batch.write(),
  };
}

type Organization = Awaited<ReturnType<Transaction['findOrganization']>>;

/** What is known of rows, and what is to be written. */
class Batch {
  readonly changes = new Map<string, Change[]>();
  readonly #below: Transaction;
  readonly #documents = new Map<string, DocumentText | undefined>();
  readonly #views = new Map<string, ViewText | undefined>();
  readonly #members = new Map<string, readonly EngagementMember[]>();
  readonly #organizations = new Map<string, Organization>();
  /** Up to when it is known that nothing is due in an engagement. */
  readonly #notDue = new Map<string, string>();
  /** By organisation and by id. */
  readonly #referrals = new Map<string, Map<string, Put<ReferralRecord>>>();
  readonly #viewsToPut = new Map<string, Map<string, Put<ViewRecord>>>();

  constructor(below: Transaction) {
    this.#below = below;
  }

  async foreseeDocuments(organizationId: string, ids: readonly string[]): Promise<void> {
    const found = new Map((await this.#below.readDocuments(organizationId, ids)).map((row) => [row.id, row]));
    for (const id of ids) this.#documents.set(keyOf(organizationId, id), found.get(id));
  }

  async foreseeViews(readerOrganizationId: string, ids: readonly string[]): Promise<void> {
    const found = new Map((await this.#below.readViews(readerOrganizationId, ids)).map((row) => [row.id, row]));
    for (const id of ids) this.#views.set(keyOf(readerOrganizationId, id), found.get(id));
  }

  async foreseeEngagements(engagementIds: readonly string[], now: string): Promise<void> {
    const members = new Map<string, EngagementMember[]>(engagementIds.map((id) => [id, []]));
    for (const { engagementId, ...member } of await this.#below.listEngagements(engagementIds)) {
      members.get(engagementId)?.push(member);
    }
    for (const [engagementId, found] of members) this.#members.set(engagementId, found);
    const due = new Set((await this.#below.listDueIn(engagementIds, now)).map(({ engagementId }) => engagementId));
    for (const engagementId of engagementIds) if (!due.has(engagementId)) this.#notDue.set(engagementId, now);
  }

  async findOrganization(id: string): Promise<Organization> {
    if (!this.#organizations.has(id)) this.#organizations.set(id, await this.#below.findOrganization(id));
    return this.#organizations.get(id);
  }

  async readDocument(organizationId: string, id: string): Promise<DocumentText | undefined> {
    const key = keyOf(organizationId, id);
    // What was put is known, so what is not known was not put.
    if (!this.#documents.has(key)) this.#documents.set(key, await this.#below.readDocument(organizationId, id));
    return this.#documents.get(key);
  }

  async readView(readerOrganizationId: string, id: string): Promise<ViewText | undefined> {
    const key = keyOf(readerOrganizationId, id);
    if (!this.#views.has(key)) this.#views.set(key, await this.#below.readView(readerOrganizationId, id));
    return this.#views.get(key);
  }

  async listEngagement(engagementId: string): Promise<EngagementMember[]> {
    let members = this.#members.get(engagementId);
    if (members === undefined) {
      await this.write();
      members = await this.#below.listEngagement(engagementId);
      this.#members.set(engagementId, members);
    }
    return [...members];
  }

  async listDueIn(engagementIds: readonly string[], now: string): Promise<DueRecord[]> {
    if (engagementIds.every((id) => (this.#notDue.get(id) ?? '') >= now)) return [];
    await this.write();
    return this.#below.listDueIn(engagementIds, now);
  }

  putReferral(record: ReferralRecord, { isNew }: { isNew: boolean }): void {
    const { organizationId, id, engagementId, document, linksOffset, eTag, dueAt } = record;
    this.#documents.set(keyOf(organizationId, id), { document, linksOffset, eTag, dueAt });
    if (dueAt !== null) this.#notDue.delete(engagementId);
    // Whoever asks for the members next finds the new one in its order.
    if (isNew) this.#addMember(engagementId, { organizationId, id, isSender: false });
    put(this.#referrals, organizationId, { record, isNew });
  }

  putView(record: ViewRecord, { isNew }: { isNew: boolean }): void {
    const { readerOrganizationId, id, document, linksOffset, eTag, dueAt, sharing } = record;
    this.#views.set(keyOf(readerOrganizationId, id), { document, linksOffset, eTag, dueAt, sharing });
    put(this.#viewsToPut, readerOrganizationId, { record, isNew });
  }

  async removeView(readerOrganizationId: string, id: string): Promise<void> {
    await this.write();
    await this.#below.removeView(readerOrganizationId, id);
    this.#views.set(keyOf(readerOrganizationId, id), undefined);
  }

  async write(): Promise<void> {
    for (const [organizationId, puts] of taken(this.#referrals)) {
      await this.#below.putReferrals(organizationId, [...puts.values()]);
    }
    for (const [readerOrganizationId, puts] of taken(this.#viewsToPut)) {
      await this.#below.putViews(readerOrganizationId, [...puts.values()]);
    }
    for (const [organizationId, changes] of taken(this.changes)) {
      await this.#below.appendChanges(organizationId, changes);
    }
  }

  /** Forgets what is known: a step below may have changed it. */
  forget(): void {
    for (const known of [this.#documents, this.#views, this.#members, this.#organizations, this.#notDue]) known.clear();
  }

  /** Only the first member of an engagement has a place that is known without the order of the database. */
  #addMember(engagementId: string, member: EngagementMember): void {
    if (this.#members.get(engagementId)?.length === 0) this.#members.set(engagementId, [member]);
    else this.#members.delete(engagementId);
  }
}

function keyOf(organizationId: string, id: string): string {
  return `${organizationId}\n${id}`;
}

/** A record that is put twice is stored as it was put last. */
function put<StoredRecord extends ReferralRecord>(
  gatheredPuts: Map<string, Map<string, Put<StoredRecord>>>,
  organizationId: string,
  { record, isNew }: Put<StoredRecord>,
): void {
  const puts = gatheredPuts.get(organizationId) ?? new Map<string, Put<StoredRecord>>();
  gatheredPuts.set(organizationId, puts);
  puts.set(record.id, { record, isNew: puts.get(record.id)?.isNew ?? isNew });
}

function gathered<Item>(map: Map<string, Item[]>, key: string): Item[] {
  const found = map.get(key) ?? [];
  map.set(key, found);
  return found;
}

/** The entries of a map, which is empty afterwards. */
function taken<Item>(map: Map<string, Item>): [string, Item][] {
  const entries = [...map];
  map.clear();
  return entries;
}
