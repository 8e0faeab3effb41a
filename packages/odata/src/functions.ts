import type { textOperations } from './text-operations.ts';
import type { timeOperations } from './time-operations.ts';

/** What an argument must be; a text is also what an enumeration or an id is written as. */
export type ParameterType = 'text' | 'whole number' | 'number' | 'instant' | 'date' | 'time' | 'duration';

/** One way to call a function, and the operation that answers it. */
export interface Overload {
  readonly parameters: readonly ParameterType[];
  readonly operation: keyof typeof textOperations | keyof typeof timeOperations;
  /** Digits behind the point of its result. */
  readonly scale?: number;
}

/**
 * The functions of OData URL Conventions 4.01, sections 5.1.1.5 to 5.1.1.9, that are answered by one operation, in
 * lower case.
 */
export const functions: Readonly<Record<string, readonly Overload[]>> = {
  contains: [{ parameters: ['text', 'text'], operation: 'contains' }],
  startswith: [{ parameters: ['text', 'text'], operation: 'startswith' }],
  endswith: [{ parameters: ['text', 'text'], operation: 'endswith' }],
  length: [{ parameters: ['text'], operation: 'length' }],
  indexof: [{ parameters: ['text', 'text'], operation: 'indexof' }],
  substring: [
    { parameters: ['text', 'whole number'], operation: 'substring' },
    { parameters: ['text', 'whole number', 'whole number'], operation: 'substringOfLength' },
  ],
  tolower: [{ parameters: ['text'], operation: 'tolower' }],
  toupper: [{ parameters: ['text'], operation: 'toupper' }],
  trim: [{ parameters: ['text'], operation: 'trim' }],
  concat: [{ parameters: ['text', 'text'], operation: 'concat' }],
  year: ofDay('year'),
  month: ofDay('month'),
  day: ofDay('day'),
  hour: ofTime('hour', 'hourOfTime'),
  minute: ofTime('minute', 'minuteOfTime'),
  second: ofTime('second', 'secondOfTime'),
  fractionalseconds: ofTime('fractionalseconds', 'fractionOfTime', 7),
  date: [{ parameters: ['instant'], operation: 'date' }],
  time: [{ parameters: ['instant'], operation: 'time' }],
};

/** Those that the binder answers itself, by their number of arguments. */
export const boundFunctions: Readonly<Record<string, number>> = {
  now: 0,
  mindatetime: 0,
  maxdatetime: 0,
  round: 1,
  floor: 1,
  ceiling: 1,
  totalseconds: 1,
  matchespattern: 2,
};

/** Legal, and not answered here. */
const unsupported = [
  'hassubset', 'hassubsequence', 'totaloffsetminutes', 'cast', 'isof', 'case',
  'geo.distance', 'geo.intersects', 'geo.length',
] as const; // biome-ignore format: a list of words

/** The functions that can stand in a condition here, as the standard spells them. */
export const answeredFunctions: readonly string[] = [...Object.keys(functions), ...Object.keys(boundFunctions)].map(
  (name) => (name === 'matchespattern' ? 'matchesPattern' : name),
);

/** Every function of the standard, in lower case. */
export const functionNames: ReadonlySet<string> = new Set([
  ...Object.keys(functions),
  ...Object.keys(boundFunctions),
  ...unsupported,
]);

function ofDay(operation: 'year' | 'month' | 'day'): readonly Overload[] {
  return [
    { parameters: ['instant'], operation },
    { parameters: ['date'], operation },
  ];
}

function ofTime(operation: Overload['operation'], ofTimeOfDay: Overload['operation'], scale = 0): readonly Overload[] {
  return [
    { parameters: ['instant'], operation, scale },
    { parameters: ['time'], operation: ofTimeOfDay, scale },
  ];
}
