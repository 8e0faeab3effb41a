import type { ValueReader } from './bind-path.ts';
import { type DecimalFault, parseDecimal } from './decimal.ts';
import { parseDuration } from './duration.ts';
import { foldName } from './fold-name.ts';
import { formatInstantFixed, parseInstant } from './instant.ts';
import { parseNumber } from './numbers.ts';
import { type Scalar, type ScalarType, totalScale } from './predicate.ts';
import type { LiteralSyntax } from './syntax.ts';

/** What a literal is compared with. */
export interface Comparand {
  readonly type: ScalarType;
  /** The name of the type, for messages and for typed literals. */
  readonly typeName: string;
  /** The members of an enumeration, in their order. */
  readonly members: readonly string[];
  readonly reader: ValueReader | undefined;
}

/**
 * A literal, read as a value of the property that it is compared with: the values that it stands for; that it is no
 * member of the enumeration; or the sentence that says why it is no such value.
 */
export type LiteralReading =
  | { readonly values: readonly Scalar[] }
  | { readonly outside: string }
  | { readonly problem: string };

/** Reads a literal as a value of a property's type. Ids and instants may stand in quotes or without. */
export function readLiteral(literal: LiteralSyntax, comparand: Comparand): LiteralReading {
  return readers[comparand.type](literal, comparand) ?? { problem: describe(literal, comparand) };
}

type Reader = (literal: LiteralSyntax, comparand: Comparand) => LiteralReading | undefined;

const decimalProblems: Readonly<Record<DecimalFault, string>> = {
  notANumber: 'is not a number',
  tooManyDigits: 'has more than 14 digits before the point or 4 after it',
};

const readers: Readonly<Record<ScalarType, Reader>> = {
  text: ({ form, value }, { reader }) => {
    if (form !== 'string' && form !== 'guid' && !(form === 'number' && reader?.takesNumbers === true)) return undefined;
    return { values: reader?.read(value) ?? [value] };
  },
  total: ({ form, value }) => {
    const number = form === 'number' ? parseNumber(value) : undefined;
    return number && { values: [number.units * 10n ** BigInt(totalScale - number.scale)] };
  },
  boolean: ({ form, value }) => (form === 'boolean' ? { values: [value === 'true'] } : undefined),
  decimal: ({ form, value }) => {
    if (form !== 'number') return undefined;
    const number = parseDecimal(value);
    return typeof number === 'bigint' ? { values: [number] } : { problem: `${value} ${decimalProblems[number]}` };
  },
  instant: ({ form, value }) => {
    if (form !== 'string' && form !== 'instant') return undefined;
    const instant = parseInstant(value);
    if (instant !== undefined) return { values: [formatInstantFixed(instant)] };
    return { problem: `${value} is not a date; write it as 2026-11-30T00:00:00Z` };
  },
  integer: ({ form, value }) => {
    const number = form === 'number' ? parseNumber(value) : undefined;
    return number?.scale === 0 ? { values: [number.units] } : undefined;
  },
  date: ({ form, value }) => {
    if ((form !== 'string' && form !== 'instant') || value.length !== 10) return undefined;
    return parseInstant(value) === undefined ? undefined : { values: [value] };
  },
  time: ({ form, value }) => {
    if (form !== 'string' && form !== 'time') return undefined;
    const time = parseTimeOfDay(value);
    return time === undefined ? undefined : { values: [time] };
  },
  duration: ({ form, value, type }) => {
    if (form !== 'string' && !(form === 'typed' && type?.toLowerCase() === 'duration')) return undefined;
    const duration = parseDuration(value);
    return duration === undefined ? undefined : { values: [duration] };
  },
  guid: ({ form, value }) => {
    if (form !== 'guid' && !(form === 'string' && guidPattern.test(value))) return undefined;
    return { values: [value.toLowerCase()] };
  },
  enumeration: ({ form, value, type }, { members, typeName }) => {
    const isOfType = form === 'typed' && (type === typeName || type?.endsWith(`.${typeName}`) === true);
    if (form !== 'string' && !isOfType) return undefined;
    const member = members.find((known) => foldName(known) === foldName(value));
    return member === undefined ? { outside: value } : { values: [member] };
  },
};

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A time of day in 16 characters, so that text order is time order. */
function parseTimeOfDay(text: string): string | undefined {
  const [, time, seconds = ':00', fraction = ''] =
    /^((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?(?:\.(\d{1,7}))?$/.exec(text) ?? [];
  return time === undefined ? undefined : `${time}${seconds}.${fraction.padEnd(7, '0')}`;
}

const wanted: Readonly<Record<ScalarType, string>> = {
  text: "a text such as 'Contoso'",
  boolean: 'true or false',
  decimal: 'a number such as 12.5',
  total: 'a number such as 12.5',
  instant: 'a date such as 2026-11-30T00:00:00Z',
  integer: 'a whole number such as 12',
  date: 'a date such as 2026-11-30',
  time: 'a time of day such as 12:30:00',
  duration: "a duration such as duration'P7DT12H'",
  guid: 'an id such as 65edc0b5-3485-41b7-a17e-dfa9ef4706e2',
  enumeration: 'a member in quotes',
};

const forms: Readonly<Record<LiteralSyntax['form'], string>> = {
  string: 'the text',
  number: 'the number',
  guid: 'the id',
  instant: 'the date',
  time: 'the time',
  typed: 'the typed value',
  json: 'the JSON value',
  boolean: 'the boolean',
  null: 'the value',
};

function describe({ form, value }: LiteralSyntax, { type, typeName }: Comparand): string {
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return `${forms[form]} ${shown} cannot be compared with ${typeName}; write ${wanted[type]}`;
}
