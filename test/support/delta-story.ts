import { randomUUID } from 'node:crypto';
import type { StoreOperations, SweepProgress } from '@cosell/server';
import { expect } from 'vitest';
import type { Chance } from '../crash/chance.ts';
import { captureText } from './captures.ts';
import { deal, invitation, moving, type Operator, type Party, setting, targets } from './parties.ts';
import { organizations, users } from './sample.ts';

/** Everybody who acts in a story. */
export interface Cast {
  readonly admin: Party;
  readonly member: Party;
  readonly london: Party;
  readonly tailspin: Party;
  readonly seller: Party;
  readonly operator: Operator;
  readonly operations: StoreOperations;
}

/** A referral that a story is about. */
interface Told {
  readonly id: string;
  readonly engagementId: string;
  readonly owner: 'admin' | 'london' | 'tailspin' | 'seller';
}

type Act = (story: Story) => Promise<void>;

const locations = [null, '5512345', '5598765'];
const emails = ['jane.doe@contoso.com', 'JANE.DOE@contoso.com', 'john.doe@contoso.com', 'london@contoso.com', null];
const states = ['Active/Accepted', 'Active/Engaged', 'Closed/Won', 'Closed/Lost', 'Closed/Declined', 'New/Received'];

/** What members of an exchange do with each other, by chance. What the rules refuse is refused and passed over. */
export class Story {
  readonly cast: Cast;
  readonly chance: Chance;
  readonly known: Told[] = [];
  /** Whether something happened after which somebody may have to begin again with his list. */
  hasForgotten = false;
  /** Whether older history was removed: then nobody knows of a marketplace lead whether it was one before. */
  hasRetained = false;
  /** Ids that became marketplace leads. Whoever has followed neither before nor since is told that they left, too. */
  readonly becameLeads = new Set<string>();
  #year = 2_040;

  constructor(cast: Cast, chance: Chance) {
    this.cast = cast;
    this.chance = chance;
  }

  /** One act. The operator's, which make others begin again, are rare, or left out. */
  async act(withOperator = true): Promise<void> {
    if (this.known.length === 0) return create(this);
    const rare = withOperator && this.chance.between(0, 11) === 0;
    await (this.chance.oneOf(rare ? operatorsActs : acts) as Act)(this);
  }

  /** Some referral that was told of; the first ones more often, so that much happens to them. */
  some(): Told {
    const known = this.chance.between(0, 1) === 0 ? this.known : this.known.slice(0, 5);
    return this.chance.oneOf(known) as Told;
  }

  /** A later year than all before, so that an import is newer than what is there. */
  nextYear(): number {
    this.#year += 1;
    return this.#year;
  }

  /** A team by chance. */
  team(): object[] {
    return Array.from({ length: this.chance.between(0, 2) }, () => ({
      firstName: 'A',
      lastName: 'B',
      phoneNumber: '1',
      email: this.chance.oneOf(emails.slice(0, 4)),
    }));
  }

  /** Keeps what was created, if it was. */
  keep({ status, text }: { status: number; text: string }, owner: Told['owner']): void {
    expect([200, 400, 403, 404]).toContain(status);
    if (status !== 200) return;
    const { id, engagementId } = JSON.parse(text) as Told;
    this.known.push({ id, engagementId, owner });
  }
}

const create: Act = async (story) => {
  const owner = story.chance.oneOf(['admin', 'admin', 'london', 'tailspin'] as const) ?? 'admin';
  const dealValue = story.chance.between(0, 200);
  const isShared = story.chance.between(0, 1) === 1;
  const body = deal({
    name: `Deal ${story.chance.between(0, 9)}`,
    team: story.team(),
    details: { ...(deal().details as object), dealValue },
    consent: { ...(deal().consent as object), consentToShareReferralWithMicrosoftSellers: isShared },
  });
  story.keep(await story.cast[owner].post(body), owner);
};

const invite: Act = async (story) => {
  const { engagementId } = story.some();
  const target = story.chance.oneOf(['tailspin', 'seller'] as const) ?? 'seller';
  const body = invitation(engagementId, target === 'seller' ? targets.microsoft : targets.tailspin, {
    name: `Joint ${story.chance.between(0, 9)}`,
  });
  story.keep(await story.cast.admin.post(body), target);
};

const change: Act = async (story) => {
  const { id, owner } = story.some();
  const members = story.chance.oneOf([
    { '/details/dealValue': story.chance.between(0, 200) },
    { '/name': `Changed ${story.chance.between(0, 9)}` },
    { '/team': story.team() },
    { '/details/notes': `Notes ${story.chance.between(0, 99)}` },
    { '/consent/consentToToShareInfoWithOthers': story.chance.between(0, 1) === 1 },
    { '/consent/consentToShareReferralWithMicrosoftSellers': true },
  ]);
  await story.cast[owner].patch(id, setting(members ?? {}));
};

const move: Act = async (story) => {
  const { id, owner } = story.some();
  await story.cast[owner].patch(id, moving(story.chance.oneOf(states) ?? '', 'So it goes'));
};

const importOne: Act = async (story) => {
  const isNew = story.chance.between(0, 1) === 1;
  const again = story.known.filter(({ owner }) => owner === 'admin').slice(0, 6);
  const { id, engagementId } = (isNew ? undefined : story.chance.oneOf(again)) ?? {
    id: randomUUID(),
    engagementId: randomUUID(),
  };
  const isLead = story.chance.between(0, 2) === 0;
  const text = captureText({
    id,
    engagementId,
    updatedDateTime: `${story.nextYear()}-01-01T00:00:00Z`,
    name: `Imported ${story.chance.between(0, 9)}`,
    mpnId: story.chance.oneOf(locations),
    status: 'Active',
    substatus: 'Accepted',
    team: [{ email: story.chance.oneOf(emails) }],
    details: { dealValue: story.chance.between(0, 200) },
    qualification: isLead ? 'Direct' : 'SalesQualified',
    referralSource: isLead ? 'AppSource' : null,
  });
  await story.cast.operations.importReferrals({ texts: [text] });
  if (isLead && !isNew) story.becameLeads.add(id);
  if (isNew) story.known.push({ id, engagementId, owner: 'admin' });
};

const wait: Act = async (story) => void (await story.cast.operator.clock({ advance: 'P1D' }));

const acts: readonly Act[] = [create, create, invite, invite, change, change, change, change, move, move, importOne, importOne, wait]; // biome-ignore format: a list of words

/** Does every batch of what the operator does in batches. */
export async function sweep<Progress extends SweepProgress>(
  next: (progress: Progress | undefined) => Promise<Progress>,
): Promise<Progress> {
  let progress = await next(undefined);
  while (!progress.isDone) progress = await next(progress);
  return progress;
}

/** Keeps what referrals were of one day only. */
export async function retainADay(operations: StoreOperations): Promise<void> {
  await sweep<Awaited<ReturnType<StoreOperations['retainHistory']>>>((progress) =>
    operations.retainHistory({ history: '1d', isDryRun: false, ...(progress && { progress }) }),
  );
}

const remove: Act = async (story) => {
  const { id } = story.some();
  story.hasForgotten = true;
  await story.cast.operations.deleteReferral({ id, isDryRun: false }).catch((error: { kind?: string }) => {
    // It may have been deleted before.
    if (error.kind !== 'referralNotFound') throw error;
  });
};

const erase: Act = async (story) => {
  story.hasForgotten = true;
  const email = story.chance.oneOf(['jane.doe@contoso.com', 'sue.smith@fabrikam.com']) ?? '';
  await sweep<SweepProgress>((progress) =>
    story.cast.operations.erasePerson({ email, isDryRun: false, ...(progress && { progress }) }),
  );
};

const retain: Act = async (story) => {
  story.hasRetained = true;
  story.hasForgotten = true;
  await retainADay(story.cast.operations);
};

const changeRole: Act = async (story) => {
  story.hasForgotten = true;
  const kind = story.chance.oneOf(['addRole', 'removeRole'] as const) ?? 'addRole';
  const change = { kind, user: users.london, role: 'ReferralAdmin', mpnId: '5512345' } as const;
  await story.cast.operations.changeDirectory(change).catch((error: { kind?: string }) => {
    if (error.kind !== 'directoryRefused') throw error;
  });
};

const operatorsActs: readonly Act[] = [remove, remove, erase, retain, changeRole];

/** Conditions that referrals of a story come into and leave. */
export const storyFilters = [
  "status eq 'Active' and details/dealValue gt 100",
  "team/any(t:t/email eq 'jane.doe@contoso.com') or mpnId eq '5598765'",
  "contains(name,'5') or not (customerProfile/address/country eq 'US')",
  `organizationId eq '${organizations.contoso}' and team/$count lt 2`,
] as const;
