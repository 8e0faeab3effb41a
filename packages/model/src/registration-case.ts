import type { TenThousandths } from '@cosell/odata';
import { addMonths, dayOf, instantOf, monthsBetween } from './calendar.ts';
import type { Referral } from './referral.ts';
import type { CatalogueSolution, RegistrationData } from './registration-data.ts';
import type { Registration } from './registration-states.ts';

/** What is known of the other records of the deal's engagement. */
export interface EngagementFacts {
  /** Whether Microsoft has a record in the engagement. */
  readonly isMicrosoftInvited: boolean;
  /** Whether that record was accepted or marked as won. */
  readonly microsoftAccepted: boolean;
  /** When that record was created. */
  readonly microsoftInvitedAt?: string;
  /** How many organisations but the owner and Microsoft have a record. */
  readonly otherPartners: number;
}

/** What a registration is judged by, beside the deal. */
export interface RegistrationFacts {
  /** The instant of the request. */
  readonly now: string;
  /** The id that a new registration gets. */
  readonly newId: string;
  readonly engagement: EngagementFacts;
  readonly data: RegistrationData;
}

/** One registration of one deal, to be judged. */
export interface RegistrationCase {
  /** The deal as the request leaves it. */
  readonly deal: Referral;
  readonly registration: Registration;
  /** When it was registered: periods that lie in the past are counted back from here. */
  readonly registeredAt: string;
  readonly facts: RegistrationFacts;
}

/** US dollars in ten-thousandths. */
export type Dollars = TenThousandths;

/** A perpetual contract is spread over six years (facts §14.3). */
const perpetualYears = 6n;

/** The contract of a case; empty where none was given. */
export function contractOf({ registration }: RegistrationCase): NonNullable<Registration['contract']> {
  return registration.contract ?? {};
}

/** The registered solution; empty where none was given. */
export function registeredSolutionOf({ registration }: RegistrationCase): RegisteredSolution {
  return registration.solutionDetails?.[0] ?? {};
}

type RegisteredSolution = NonNullable<Registration['solutionDetails']>[number];

/** The currency of the registered solution: its own, or that of the contract. */
export function solutionCurrencyOf(one: RegistrationCase): string | null | undefined {
  return registeredSolutionOf(one).currency ?? contractOf(one).currency;
}

/** The registered solution as the catalogue has it. */
export function catalogueSolutionOf(one: RegistrationCase): CatalogueSolution | undefined {
  const { id } = registeredSolutionOf(one);
  return one.facts.data.solutions.find((solution) => isSameId(solution.id, id));
}

/** Whether two ids are the same, in whichever case they are written. */
export function isSameId(id: string | null | undefined, other: string | null | undefined): boolean {
  return id != null && other != null && id.toLowerCase() === other.toLowerCase();
}

/** An amount in US dollars by the latest rate up to this month; undefined where amount, currency or rate is missing. */
export function dollarsOf(
  amount: TenThousandths | null | undefined,
  currency: string | null | undefined,
  { now, data }: RegistrationFacts,
): Dollars | undefined {
  if (amount == null || currency == null) return undefined;
  const code = currency.toUpperCase();
  if (code === 'USD') return amount;
  const month = new Date(instantOf(now).seconds * 1000).toISOString().slice(0, 7);
  const known = data.rates.filter((rate) => rate.currency === code && rate.month <= month);
  const [latest] = known.toSorted((one, other) => (one.month < other.month ? 1 : -1));
  return latest === undefined ? undefined : (amount * 10_000n) / latest.perDollar;
}

/** What the contract brings in a year, in US dollars; a contract of less than a year brings all of its value in it. */
export function annualDollarsOf(one: RegistrationCase): Dollars | undefined {
  const { value, currency, term, startDateTime, endDateTime } = contractOf(one);
  const dollars = dollarsOf(value, currency, one.facts);
  if (dollars === undefined || term === 'Perpetual')
    return dollars === undefined ? undefined : dollars / perpetualYears;
  const [start, end] = [dayOf(startDateTime), dayOf(endDateTime)];
  if (start === undefined || end === undefined || end < start) return undefined;
  const { count, per } = monthsBetween(start, end);
  const yearly = 12 * per;
  return count <= yearly ? dollars : (dollars * BigInt(yearly)) / BigInt(count);
}

/** How many days before the registration a date lies; undefined where the date is missing. */
export function daysBefore(date: string | null | undefined, one: RegistrationCase): number | undefined {
  const [day, registered] = [dayOf(date), dayOf(one.registeredAt)];
  return day === undefined || registered === undefined ? undefined : registered - day;
}

/** The first day on which a contract may be signed: that of the deal, or of Microsoft's invitation if it is later. */
export function firstSignDayOf({ deal, facts }: RegistrationCase): number {
  const invited = dayOf(facts.engagement.microsoftInvitedAt) ?? Number.NEGATIVE_INFINITY;
  return Math.max(dayOf(deal.createdDateTime) ?? Number.NEGATIVE_INFINITY, invited);
}

/** The last day on which a pay-as-you-go contract may be signed: a year after the first. */
export function lastSignDayOf(one: RegistrationCase): number {
  const first = firstSignDayOf(one);
  return Number.isFinite(first) ? addMonths(first, 12) : Number.POSITIVE_INFINITY;
}

/** The solutions that the deal offers. */
export function solutionsOf(
  deal: Referral,
): readonly { id?: string | null; name?: string | null; solutionType?: string | null }[] {
  return deal.details?.requirements?.solutions ?? [];
}

/** Whether Microsoft is known to manage the customer: by one of his ids, or by name and country. */
export function isManagedCustomer({ customerProfile }: Referral, { customers }: RegistrationData): boolean {
  const ids = customerProfile?.ids ?? [];
  const country = customerProfile?.address?.country;
  return customers.some(
    (customer) =>
      customer.ids?.some((known) =>
        ids.some((one) => one.profileType === known.profileType && isSameId(one.id, known.id)),
      ) === true ||
      (isSameName(customer.name, customerProfile?.name) && isSameId(customer.country, country)),
  );
}

function isSameName(name: string | undefined, other: string | null | undefined): boolean {
  const fold = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();
  return name !== undefined && other != null && fold(name) === fold(other);
}
