import { parseDecimal, type TenThousandths } from '@cosell/odata';
import { parseJson, pointerStep, positionOf } from './json-text.ts';
import { isPlainObject } from './json-value.ts';

/** What an exchange knows of currencies, solutions and customers when it judges a deal registration (decision 37). */
export interface RegistrationData {
  readonly rates: readonly ExchangeRate[];
  readonly solutions: readonly CatalogueSolution[];
  readonly customers: readonly ManagedCustomer[];
}

/** What one US dollar costs from a month on, until a later month has a rate of its own. */
export interface ExchangeRate {
  readonly currency: string;
  readonly month: string;
  readonly perDollar: TenThousandths;
}

/** A solution that can be named in a deal. */
export interface CatalogueSolution {
  readonly id: string;
  readonly name: string;
  readonly isAzureIpCoSellEligible: boolean;
}

/** A customer that Microsoft manages: known by its ids, or by name and country. */
export interface ManagedCustomer {
  readonly name?: string;
  readonly country?: string;
  readonly ids?: readonly { readonly profileType: 'Duns' | 'External'; readonly id: string }[];
}

interface Member {
  readonly means: string;
  readonly isOptional?: true;
  readonly isValid: (value: unknown) => boolean;
}

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';

/** The three files of the data: the list that each holds and the members of its items. */
export const registrationFiles = {
  'exchange-rates.json': {
    list: 'rates',
    means: 'How many units of a currency one US dollar costs. A rate counts from its month on, until a later one.',
    members: {
      currency: { means: 'three capital letters of ISO 4217, such as EUR', isValid: matches(/^[A-Z]{3}$/) },
      month: { means: 'a month such as 2025-01', isValid: matches(/^\d{4}-(0[1-9]|1[0-2])$/) },
      perDollar: { means: 'a number above 0 with at most four digits after the point', isValid: isRate },
    },
    key: ['currency', 'month'],
  },
  'solution-catalogue.json': {
    list: 'solutions',
    means: 'The solutions that deals name, and which of them can be registered.',
    members: {
      id: { means: 'the id of the solution, such as SOL-34104-EBB', isValid: isText },
      name: { means: 'its name', isValid: isText },
      isAzureIpCoSellEligible: { means: 'true or false', isValid: (value) => typeof value === 'boolean' },
    },
    key: ['id'],
  },
  'managed-customers.json': {
    list: 'customers',
    means: 'The customers that Microsoft manages. Give ids, or name and country.',
    members: {
      name: { means: 'the name of the customer', isOptional: true, isValid: isText },
      country: { means: 'two capital letters of ISO 3166-1', isOptional: true, isValid: matches(/^[A-Z]{2}$/) },
      ids: { means: 'a list of {"profileType": "Duns" or "External", "id"}', isOptional: true, isValid: areIds },
    },
    key: undefined,
  },
} as const satisfies Record<string, DataFile>;

interface DataFile {
  readonly list: string;
  readonly means: string;
  readonly members: Readonly<Record<string, Member>>;
  /** The members that together stand once only. */
  readonly key: readonly string[] | undefined;
}

/** The name of a file of the data. */
export type RegistrationFile = keyof typeof registrationFiles;

/** What is wrong with a file of the data. */
export interface DataFault {
  readonly file: RegistrationFile;
  /** JSON pointer of the value, or line and column where the text is no JSON. */
  readonly place: string;
  readonly message: string;
}

/** Reads the texts of the three files; gives the data, or every fault of them. */
export function readRegistrationData(
  texts: Readonly<Record<RegistrationFile, string>>,
): { readonly data: RegistrationData } | { readonly faults: readonly DataFault[] } {
  const faults: DataFault[] = [];
  const read = (file: RegistrationFile) => readItems(file, texts[file], faults);
  const rates = read('exchange-rates.json');
  const solutions = read('solution-catalogue.json');
  const customers = read('managed-customers.json');
  if (faults.length > 0) return { faults };
  // Each item was checked by the table above.
  const data = {
    rates: rates.map((rate) => ({ ...rate, perDollar: parseDecimal(String(rate.perDollar)) })),
    solutions,
    customers,
  };
  return { data: data as unknown as RegistrationData };
}

function readItems(file: RegistrationFile, text: string, faults: DataFault[]): Record<string, unknown>[] {
  const { list, members, key }: DataFile = registrationFiles[file];
  const report = (place: string, message: string) => faults.push({ file, place, message });
  const parsed = parseJson(text);
  if ('faults' in parsed) {
    for (const { offset, message } of parsed.faults) {
      const { line, column } = positionOf(text, offset);
      report(`line ${line}, column ${column}`, message);
    }
    return [];
  }
  const whole: unknown = JSON.parse(text);
  const items = isPlainObject(whole) ? whole[list] : undefined;
  if (!Array.isArray(items)) {
    report('', `An object with the list "${list}" is expected.`);
    return [];
  }
  const seen = new Set<string>();
  for (const [index, item] of (items as unknown[]).entries()) {
    const place = `/${list}/${index}`;
    if (!isPlainObject(item)) {
      report(place, 'An object is expected.');
      continue;
    }
    checkMembers(item, members, (name, message) => report(place + pointerStep(name), message));
    if (file === 'managed-customers.json' && item.ids === undefined && !(isText(item.name) && isText(item.country))) {
      report(place, 'Give "ids", or "name" and "country".');
    }
    const name = key?.map((part) => String(item[part]).toLowerCase()).join(' ');
    if (name !== undefined && seen.has(name)) report(place, `"${key?.join('" and "')}" stand here a second time.`);
    if (name !== undefined) seen.add(name);
  }
  return items as Record<string, unknown>[];
}

function checkMembers(
  item: Record<string, unknown>,
  members: DataFile['members'],
  report: (name: string, message: string) => void,
): void {
  for (const [name, member] of Object.entries(members)) {
    if (item[name] === undefined ? member.isOptional === true : member.isValid(item[name])) continue;
    report(name, `"${name}" is ${member.means}.`);
  }
  for (const name of Object.keys(item)) {
    if (!Object.hasOwn(members, name)) report(name, `Only ${Object.keys(members).join(', ')} are expected here.`);
  }
}

function matches(pattern: RegExp): Member['isValid'] {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function isRate(value: unknown): boolean {
  const rate = typeof value === 'number' ? parseDecimal(String(value)) : 0n;
  return typeof rate === 'bigint' && rate > 0n;
}

function areIds(value: unknown): boolean {
  const isId = (item: unknown) =>
    isPlainObject(item) && (item.profileType === 'Duns' || item.profileType === 'External') && isText(item.id);
  return Array.isArray(value) && value.length > 0 && value.every(isId);
}
