import { fixedText } from './calendar.ts';
import type { Fault } from './faults.ts';
import { pointerStep } from './json-text.ts';
import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';
import { isSameId, type RegistrationCase, type RegistrationFacts, solutionsOf } from './registration-case.ts';
import { type ReviewCode, registrationRules } from './registration-rules.ts';
import type { RefusalRow, ReviewRow } from './registration-shape.ts';
import {
  enterState,
  moveOf,
  type Registration,
  type RegistrationStatus,
  registrationStates,
  statusOfRegistration,
} from './registration-states.ts';

/** Something that calls for a review by Microsoft. */
export interface ReviewReason {
  readonly code: ReviewCode;
  readonly message: string;
  readonly pointer: string;
}

/** What becomes of the registrations of a deal, or every fault of the request. */
export type RegistrationVerdict =
  | { readonly faults: readonly Fault[] }
  | {
      readonly registrations: Registration[];
      readonly registrationStatus: RegistrationStatus;
      /** Why Microsoft has to look at it; empty where nothing changed or nothing calls for it. */
      readonly review: readonly ReviewReason[];
    };

const editableBelow = {
  '/registrations/0/contract': ['startDateTime', 'endDateTime', 'signDateTime', 'term', 'value'],
  '/registrations/0/solutionDetails/0': [
    'value',
    'currency',
    'isDeployedOnAzure',
    'primaryDeploymentOn',
    'pricingModel',
  ],
  '/registrations/0/solutionDetails/0/marketplaceTransactionDetails': [
    'isMarketplaceTransacted',
    'marketplaceTransactionDateTime',
  ],
} as const;

/** The paths by which a registration that exists may be changed (facts §14.3); a new one comes by `/registrations/-`. */
export const editableRegistrationPaths: readonly string[] = Object.entries(editableBelow).flatMap(([path, names]) =>
  names.map((name) => `${path}/${name}`),
);

const registrationsSchema = referralTable.properties?.registrations ?? {};

/**
 * Judges every difference between the registrations of a deal before and after a patch (facts §14.3, decision 37): a
 * new one, a change of one that Microsoft asked to be changed, or none.
 */
export function judgeRegistration({
  before,
  after,
  facts,
}: {
  readonly before: Referral;
  readonly after: Referral;
  readonly facts: RegistrationFacts;
}): RegistrationVerdict {
  const [held, wanted] = [before.registrations ?? [], after.registrations ?? []];
  if (wanted.length < held.length) {
    return refuse('registrationRemoved', '/registrations', 'A registration stays; Microsoft can close it.');
  }
  if (wanted.length > held.length && wanted.length > 1) {
    return refuse('onlyOneRegistration', `/registrations/${Math.max(held.length, 1)}`, 'A deal is registered once.');
  }
  const [first] = wanted;
  if (first !== undefined && held.length === 0) return judgeNew(after, first, facts);
  const changed = changedPointers(registrationsSchema, held, wanted, '/registrations');
  if (changed.length === 0) {
    return { registrations: held, registrationStatus: before.registrationStatus ?? 'None', review: [] };
  }
  return judgeEdit(after, held, changed, facts);
}

function judgeNew(deal: Referral, given: Registration, facts: RegistrationFacts): RegistrationVerdict {
  const registration = completeRegistration(given, deal, facts);
  const { faults, review } = applyRules({ deal, registration, registeredAt: facts.now, facts }, 'new');
  if (faults.length > 0) return { faults };
  const { register, registerForReview } = registrationStates.None.moves;
  return enter(registration, review.length > 0 ? registerForReview : register, review, facts.now);
}

function judgeEdit(
  deal: Referral,
  held: readonly Registration[],
  changed: readonly string[],
  facts: RegistrationFacts,
): RegistrationVerdict {
  const faults: Fault[] = changed
    .filter((pointer) => !editableRegistrationPaths.includes(pointer))
    .map((pointer) => ({
      code: 'registrationMemberFixed',
      message: `Only ${Object.values(editableBelow).flat().join(', ')} of a registration can be changed.`,
      pointer,
      offset: 0,
    }));
  const [current = {}, ...others] = held;
  const status = statusOfRegistration(current);
  const next = moveOf(status, 'edit');
  if (next === undefined) {
    const message = `A registration can be changed in ActionRequired only; this one is in ${status}.`;
    return {
      faults: [...faults, { code: 'registrationNotEditable', message, pointer: '/registrations/0', offset: 0 }],
    };
  }
  const registration = editRegistration(current, deal.registrations?.[0] ?? {});
  const registeredAt = current.registrationDateTime ?? facts.now;
  const judged = applyRules({ deal, registration, registeredAt, facts }, 'edit');
  if (faults.length + judged.faults.length > 0) return { faults: [...faults, ...judged.faults] };
  return enter(registration, next, judged.review, facts.now, others);
}

function enter(
  registration: Registration,
  status: RegistrationStatus,
  review: readonly ReviewReason[],
  now: string,
  others: readonly Registration[] = [],
): RegistrationVerdict {
  const reason = review.map(({ message }) => message).join(' ');
  const entered = enterState(registration, status, reason === '' ? null : reason, now);
  return { registrations: [entered, ...others], registrationStatus: status, review };
}

/** What the server sets of a new registration; what the client said of it is ignored (decision 12). */
function completeRegistration(
  given: Registration,
  deal: Referral,
  { now, newId, data }: RegistrationFacts,
): Registration {
  const nameOf = (id: string | null | undefined) =>
    solutionsOf(deal).find((offered) => isSameId(offered.id, id))?.name ??
    data.solutions.find((known) => isSameId(known.id, id))?.name;
  return {
    id: newId,
    registrationDateTime: fixedText(now),
    contract: given.contract ?? {},
    solutionDetails: (given.solutionDetails ?? []).map((one) => ({ ...one, name: nameOf(one.id) ?? one.name ?? null })),
    ...(given.type === undefined ? {} : { type: given.type }),
  };
}

/** The registration with the members that may be changed, and nothing else, as they are wanted. */
function editRegistration(held: Registration, wanted: Registration): Registration {
  const [solution = {}, ...others] = held.solutionDetails ?? [];
  const [wantedSolution] = wanted.solutionDetails ?? [];
  const [inContract, inSolution, inMarketplace] = Object.values(editableBelow);
  const marketplace = take(
    solution.marketplaceTransactionDetails,
    wantedSolution?.marketplaceTransactionDetails,
    inMarketplace,
  );
  const edited = { ...take(solution, wantedSolution, inSolution), marketplaceTransactionDetails: marketplace };
  return { ...held, contract: take(held.contract, wanted.contract, inContract), solutionDetails: [edited, ...others] };
}

function take<Part extends object>(held: Part | undefined, wanted: Part | undefined, names: readonly string[] = []) {
  const members = wanted === undefined ? [] : names.map((name) => [name, Reflect.get(wanted, name)]);
  // The names are members of the part, so it stays one.
  return { ...held, ...Object.fromEntries(members) } as Part;
}

/** Applies the table. An edit is not blamed for what it cannot change, as in a registration that was imported. */
function applyRules(one: RegistrationCase, as: 'new' | 'edit'): { faults: Fault[]; review: ReviewReason[] } {
  const broken = registrationRules.filter((row) => row.applies(one));
  const isBlamed = (row: RefusalRow) =>
    as === 'new' || (row.judges === 'registration' && editableRegistrationPaths.includes(pointerOf(row)));
  return {
    faults: broken
      .filter((row) => row.kind === 'refuse')
      .filter(isBlamed)
      .map((row) => ({ code: row.code, message: row.message, pointer: pointerOf(row), offset: 0 })),
    review: broken
      .filter((row) => row.kind === 'review')
      // The table of reviews is where the codes come from.
      .map((row) => ({ code: row.code as ReviewCode, message: row.message, pointer: pointerOf(row) })),
  };
}

function pointerOf({ judges, pointer }: RefusalRow | ReviewRow): string {
  return judges === 'deal' ? pointer : `/registrations/0${pointer}`;
}

/** The pointers of all that differs; what was left out keeps its value, so it is no difference. */
function changedMembers(schema: PropertySchema, was: object, is: object, pointer: string): string[] {
  return membersOf(schema).flatMap(([name, member]) => {
    const [one, other]: unknown[] = [Reflect.get(was, name), Reflect.get(is, name)];
    return changedPointers(member, one, other, pointer + pointerStep(name));
  });
}

function changedPointers(schema: PropertySchema, was: unknown, is: unknown, pointer: string): string[] {
  // A reader gives undefined for null too, so a member that can be changed is taken for null.
  if (is === undefined && !editableRegistrationPaths.includes(pointer)) return [];
  const { kind } = notesFor(schema);
  if (kind === 'record') return changedMembers(schema, was ?? {}, is ?? {}, pointer);
  if (kind !== 'list') return (was ?? null) === (is ?? null) ? [] : [pointer];
  const [held, wanted] = [(was ?? []) as object[], is as object[]];
  if (held.length !== wanted.length) return [pointer];
  return held.flatMap((item, index) => changedMembers(schema, item, wanted[index] ?? {}, `${pointer}/${index}`));
}

function refuse(code: Fault['code'], pointer: string, message: string): RegistrationVerdict {
  return { faults: [{ code, message, pointer, offset: 0 }] };
}
