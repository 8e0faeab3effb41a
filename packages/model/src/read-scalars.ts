import { foldName, parseDecimal, toInstantAsGiven, toInstantFixed } from '@cosell/odata';
import { type EnumerationName, enumerations } from './enumerations.ts';
import { numberText } from './json-text.ts';
import type { JsonNode } from './json-tree.ts';
import { nearestOf } from './nearest.ts';
import type { PropertyNotes } from './property.ts';
import { readSalesStage, salesStages } from './sales-stage.ts';
import { type ValueListName, valueLists } from './values/value-lists.ts';
import { nameType, report, type Walk } from './walk.ts';

/** 8-4-4-4-12 hexadecimal digits, in either case. */
export const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type ScalarKind = Exclude<PropertyNotes['kind'], 'record' | 'list' | 'anything'>;

/** A scalar that is being read. */
interface Scalar {
  readonly walk: Walk;
  readonly notes: PropertyNotes;
  /** The text, or what a number or boolean is written as. */
  readonly text: string;
  readonly node: JsonNode;
  readonly pointer: string;
}

const scalarNames: Record<ScalarKind, string> = {
  id: 'an id',
  text: 'a text',
  choice: 'a text',
  flag: 'true or false',
  amount: 'a number',
  instant: 'a date',
  date: 'a date',
};

/** Reads a text, a number or a boolean by its property: each may come as text, too (decision 33). */
export function readScalar(walk: Walk, notes: PropertyNotes, node: JsonNode, pointer: string): unknown {
  const kind = notes.kind as ScalarKind;
  if (node.type === 'object' || node.type === 'array') {
    return report(walk, 'wrongType', pointer, node, `Write ${scalarNames[kind]} here, not ${nameType(node)}.`);
  }
  const text = node.type === 'number' ? numberText(walk.text, node) : String(node.value);
  const scalar: Scalar = { walk, notes, text, node, pointer };
  if (walk.rules.trust === 'capture') return scalarReaders[kind](scalar);
  if (node.type === 'boolean' && kind !== 'flag') {
    return report(walk, 'wrongType', pointer, node, `Write ${scalarNames[kind]} here, not a boolean.`);
  }
  return readFormat(scalarReaders[kind](scalar), scalar);
}

const scalarReaders: Record<ScalarKind, (scalar: Scalar) => unknown> = {
  id: ({ walk, text, node, pointer }) => {
    if (guidPattern.test(text)) return text.toLowerCase();
    if (pointer === '/organizationId' && text.toLowerCase() === 'msft') return 'msft';
    const also = pointer === '/organizationId' ? ', or msft' : '';
    return report(walk, 'invalidId', pointer, node, `An id has 32 hexadecimal digits, as 8-4-4-4-12${also}.`);
  },
  text: ({ text }) => text,
  choice: ({ walk, notes, text, node, pointer }) => {
    const enumeration = notes.enumeration as EnumerationName;
    const value = findValue(enumeration, text);
    if (value !== undefined || (walk.rules.trust === 'capture' && notes.governs !== true)) return value ?? text;
    return reportValue(walk, text, enumerations[enumeration], node, pointer);
  },
  flag: ({ walk, text, node, pointer }) => {
    if (text === 'true' || text === 'false') return text === 'true';
    return report(walk, 'wrongType', pointer, node, 'Write true or false here.');
  },
  amount: ({ walk, text, node, pointer }) => {
    const value = parseDecimal(text);
    if (typeof value === 'bigint') return value;
    if (value === 'notANumber') {
      return report(walk, 'invalidNumber', pointer, node, `"${text.slice(0, 40)}" is not a number.`);
    }
    const message = 'A number has at most 14 digits before the point and 4 after it.';
    return report(walk, 'tooManyDigits', pointer, node, message);
  },
  instant: ({ walk, text, node, pointer }) => toInstantFixed(text) ?? reportDate(walk, text, node, pointer),
  date: ({ walk, text, node, pointer }) => toInstantAsGiven(text) ?? reportDate(walk, text, node, pointer),
};

/** What a body's text must be beyond its type: a code of a list, or a stage (decisions 18 and 19). */
function readFormat(value: unknown, { walk, notes, text, node, pointer }: Scalar): unknown {
  if (typeof value !== 'string') return value;
  switch (notes.format) {
    case 'country': {
      const code = value.toUpperCase();
      if (valueLists.countries.values.includes(code)) return code;
      return report(
        walk,
        'valueNotAllowed',
        pointer,
        node,
        `"${text.slice(0, 40)}" is no two-letter code of ISO 3166-1, such as US.`,
      );
    }
    case 'currency':
      if (/^[a-z]{3}$/i.test(value)) return value.toUpperCase();
      return report(
        walk,
        'valueNotAllowed',
        pointer,
        node,
        `"${text.slice(0, 40)}" is no three-letter code of ISO 4217, such as USD.`,
      );
    case 'salesStage':
      return readSalesStage(value) ?? reportValue(walk, text, Object.entries(salesStages).flat(2), node, pointer);
    default:
      if (notes.values !== undefined) warnUnlisted(walk, notes.values, value, pointer);
      return value;
  }
}

/** Warns of a value that its list does not have. */
export function warnUnlisted(walk: Walk, list: ValueListName, value: string, pointer: string): void {
  if (value !== '' && !namesInList(list).has(value)) walk.warnings.push({ pointer, code: 'unlistedValue' });
}

/** The values of a list. Areas and plays are listed by their labels; ids have no spaces. */
function namesInList(list: ValueListName): ReadonlySet<string> {
  let names = listed.get(list);
  if (names === undefined) {
    const values: readonly string[] = valueLists[list].values;
    names = new Set([...values, ...values.map((label) => label.replaceAll(' ', ''))]);
    listed.set(list, names);
  }
  return names;
}

const listed = new Map<ValueListName, ReadonlySet<string>>();

/** The list for an item of a type: categories among solutions, areas and plays among attributes (decision 19). */
export function listByType(type: unknown): ValueListName | undefined {
  if (type === 'Category') return 'solutionCategories';
  if (type === 'SolutionArea') return 'solutionAreas';
  return type === 'SolutionPlay' ? 'solutionPlays' : undefined;
}

/** Finds a value of an enumeration in any ASCII case. */
function findValue(enumeration: EnumerationName, text: string): string | undefined {
  const values = foldedValues[enumeration];
  return values.get(text) ?? values.get(foldName(text));
}

/** Values by their own spelling, as nearly every document has them, and by the folded one. */
const foldedValues = Object.fromEntries(
  Object.entries(enumerations).map(([name, values]) => [
    name,
    new Map(values.flatMap((value: string) => [[foldName(value), value] as const, [value, value] as const])),
  ]),
) as unknown as Readonly<Record<EnumerationName, ReadonlyMap<string, string>>>;

function reportValue(walk: Walk, text: string, values: readonly string[], node: JsonNode, pointer: string): undefined {
  const nearest = nearestOf(walk.faults, text, values);
  const advice = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  const message = `"${text.slice(0, 40)}" is not one of ${values.join(', ')}.${advice}`;
  return report(walk, 'valueNotAllowed', pointer, node, message);
}

function reportDate(walk: Walk, text: string, node: JsonNode, pointer: string): undefined {
  const form = 'write it as 2026-11-30T00:00:00Z, with at most seven digits of a second';
  return report(walk, 'invalidDate', pointer, node, `"${text.slice(0, 40)}" is not a date; ${form}.`);
}
