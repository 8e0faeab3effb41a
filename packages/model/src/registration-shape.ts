import { dayOf } from './calendar.ts';
import { enumerations } from './enumerations.ts';
import type { FaultCode } from './faults.ts';
import { contractOf, type RegistrationCase, registeredSolutionOf } from './registration-case.ts';

/** One rule. */
interface Row {
  /** Rows on the deal judge a new registration; the deal itself does not change any more when one is edited. */
  readonly judges: 'deal' | 'registration';
  /** JSON pointer of what it blames, in the deal or in the registration. */
  readonly pointer: string;
  /** Why it refuses, or why it does not. */
  readonly why: string;
  readonly applies: (one: RegistrationCase) => boolean;
}

/** A row that refuses the request. */
export interface RefusalRow extends Row {
  readonly kind: 'refuse';
  readonly code: FaultCode;
  /** What would be right. */
  readonly message: string;
}

/** A row that leaves the decision to Microsoft. */
export interface ReviewRow extends Row {
  readonly kind: 'review';
  readonly code: string;
  /** What has to be looked at. */
  readonly message: string;
}

/** Why most rows of the shape refuse. */
const documentedForm = 'The documented form has it.';

/** Where the one solution of a registration is. */
export const solutionPointer = '/solutionDetails/0';

/** Whether the solution was bought through the marketplace. */
export function isTransacted(one: RegistrationCase): boolean {
  return registeredSolutionOf(one).marketplaceTransactionDetails?.isMarketplaceTransacted === true;
}

/** Something that every registration has. */
function required(pointer: string, isThere: (one: RegistrationCase) => boolean, form: string): RefusalRow {
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  const applies = (one: RegistrationCase) => hasSolution(one, pointer) && !isThere(one);
  const message = `Give "${name}": ${form}.`;
  return {
    kind: 'refuse',
    code: 'missingMember',
    judges: 'registration',
    pointer,
    message,
    why: documentedForm,
    applies,
  };
}

/** A member of the solution is asked for only where there is one. */
function hasSolution({ registration }: RegistrationCase, pointer: string): boolean {
  return !pointer.startsWith('/solutionDetails/') || registration.solutionDetails?.length === 1;
}

type Enumeration = 'ContractTerm' | 'PrimaryDeploymentOn' | 'PricingModel';

/** A value of an enumeration. */
function oneOf(
  pointer: string,
  enumeration: Enumeration,
  read: (one: RegistrationCase) => string | null | undefined,
): RefusalRow {
  const values: readonly string[] = enumerations[enumeration];
  const applies = (one: RegistrationCase) => {
    const value = read(one);
    return value != null && !values.includes(value);
  };
  const message = `Write ${values.join(' or ')} here.`;
  return {
    kind: 'refuse',
    code: 'valueNotAllowed',
    judges: 'registration',
    pointer,
    message,
    why: documentedForm,
    applies,
  };
}

function currency(pointer: string, read: (one: RegistrationCase) => string | null | undefined): RefusalRow {
  const applies = (one: RegistrationCase) => !/^[A-Za-z]{3}$/.test(read(one) ?? 'USD');
  const message = 'A currency is three letters of ISO 4217, such as USD.';
  return {
    kind: 'refuse',
    code: 'invalidCurrency',
    judges: 'registration',
    pointer,
    message,
    why: documentedForm,
    applies,
  };
}

function notNegative(pointer: string, read: (one: RegistrationCase) => bigint | null | undefined): RefusalRow {
  const applies = (one: RegistrationCase) => (read(one) ?? 0n) < 0n;
  const message = 'An amount is not negative.';
  return {
    kind: 'refuse',
    code: 'amountNegative',
    judges: 'registration',
    pointer,
    message,
    why: 'An amount below zero means nothing.',
    applies,
  };
}

/** A row that refuses. */
export function refusal(
  judges: Row['judges'],
  code: FaultCode,
  row: Pick<RefusalRow, 'pointer' | 'message' | 'why' | 'applies'>,
): RefusalRow {
  return { kind: 'refuse', code, judges, ...row };
}

const solution = solutionPointer;
const marketplace = `${solution}/marketplaceTransactionDetails`;

/** What every registration has, and in which form; the first part of the table of rules. */
export const shapeRules: readonly RefusalRow[] = [
  refusal('registration', 'valueNotAllowed', {
    pointer: '/type',
    message: 'Write AzureIPCoSell here; there is no other kind.',
    why: documentedForm,
    applies: ({ registration }) => registration.type !== 'AzureIPCoSell',
  }),
  refusal('registration', 'oneSolution', {
    pointer: '/solutionDetails',
    message: 'Register exactly one solution.',
    why: 'The documented paths reach one only.',
    applies: ({ registration }) => registration.solutionDetails?.length !== 1,
  }),
  required('/contract/value', (one) => contractOf(one).value != null, 'the total value of the contract'),
  required('/contract/currency', (one) => contractOf(one).currency != null, 'the currency of the value'),
  required('/contract/term', (one) => contractOf(one).term != null, 'Perpetual or Finite'),
  required('/contract/startDateTime', (one) => dayOf(contractOf(one).startDateTime) !== undefined, 'the first day'),
  required(
    '/contract/endDateTime',
    (one) => contractOf(one).term === 'Perpetual' || dayOf(contractOf(one).endDateTime) !== undefined,
    'the last day; only a perpetual contract has none',
  ),
  required(
    '/contract/signDateTime',
    (one) => dayOf(contractOf(one).signDateTime) !== undefined,
    'the day of the signature',
  ),
  required(`${solution}/id`, (one) => (registeredSolutionOf(one).id ?? '') !== '', 'the id of the solution'),
  required(`${solution}/value`, (one) => registeredSolutionOf(one).value != null, 'its value in the contract'),
  required(
    `${solution}/isDeployedOnAzure`,
    (one) => registeredSolutionOf(one).isDeployedOnAzure != null,
    'whether it runs on Azure',
  ),
  required(
    `${solution}/primaryDeploymentOn`,
    (one) => registeredSolutionOf(one).primaryDeploymentOn != null,
    'Customer or Partner',
  ),
  required(`${solution}/pricingModel`, (one) => registeredSolutionOf(one).pricingModel != null, 'PayAsYouGo or Other'),
  required(
    `${marketplace}/marketplaceTransactionDateTime`,
    (one) =>
      !isTransacted(one) ||
      dayOf(registeredSolutionOf(one).marketplaceTransactionDetails?.marketplaceTransactionDateTime) !== undefined,
    'the day of the purchase, where it was bought through the marketplace',
  ),
  oneOf('/contract/term', 'ContractTerm', (one) => contractOf(one).term),
  oneOf(
    `${solution}/primaryDeploymentOn`,
    'PrimaryDeploymentOn',
    (one) => registeredSolutionOf(one).primaryDeploymentOn,
  ),
  oneOf(`${solution}/pricingModel`, 'PricingModel', (one) => registeredSolutionOf(one).pricingModel),
  currency('/contract/currency', (one) => contractOf(one).currency),
  currency(`${solution}/currency`, (one) => registeredSolutionOf(one).currency),
  notNegative('/contract/value', (one) => contractOf(one).value),
  notNegative(`${solution}/value`, (one) => registeredSolutionOf(one).value),
];
