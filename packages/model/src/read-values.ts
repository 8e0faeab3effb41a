import { formatInstantAsGiven, formatInstantFixed, parseDecimal, parseInstant } from '@cosell/odata';
import { type EnumerationName, enumerations } from './enumerations.ts';
import type { Fault, FaultCode } from './faults.ts';
import { compactJson, type JsonNode, membersOfNode, numberText, pointerStep } from './json-text.ts';
import { findMember, foldName } from './member-names.ts';
import { nearestOf } from './nearest.ts';
import { kept, membersOf, notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { readSalesStage, salesStages } from './sales-stage.ts';
import { type ValueListName, valueLists } from './values/value-lists.ts';

/** 8-4-4-4-12 hexadecimal digits, in either case. */
export const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** How a document is read. */
export interface ReadingRules {
  /**
   * `capture`: what the real API wrote is believed, unknown members and values are kept (decision 32). `body`: what a
   * client writes must be right; members that only the server sets are passed over (decision 12).
   */
  readonly trust: 'capture' | 'body';
  /** Takes an unknown member that is none: a legacy name, or another spelling of an attribute (decision 16). */
  readonly takes?: (walk: Walk, pointer: string, name: string, node: JsonNode) => boolean;
  /** Whether null is kept as it stands, because it empties what is stored. */
  readonly keepsNull?: boolean;
  /** Whether the stored document has an unknown member at this pointer, kept as it came. */
  readonly isKept?: (pointer: string) => boolean;
  /** Whether members that only the server sets are read, too: the value is only compared with what is there. */
  readonly comparesOnly?: boolean;
  /** Whether unknown members are left out with a warning (`UNKNOWN_PROPERTIES=ignore`). */
  readonly ignoresUnknown?: boolean;
}

/** Something that was accepted and should be looked at. */
export interface Warning {
  readonly pointer: string;
  readonly code: 'unlistedValue' | 'unknownMember' | 'readOnlyMember' | 'notOnTeam';
}

/** Where the walk is, and what it has found so far. */
export interface Walk {
  readonly text: string;
  readonly rules: ReadingRules;
  readonly faults: Fault[];
  readonly warnings: Warning[];
}

/** Begins to read a text. */
export function startWalk(text: string, rules: ReadingRules): Walk {
  return { text, rules, faults: [], warnings: [] };
}

/** Reads an object by the table; all faults are collected in the walk. */
export function readMembers(
  walk: Walk,
  schema: PropertySchema,
  node: JsonNode,
  pointer: string,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const unknown = new Map<string, string>();
  for (const member of membersOfNode(node)) {
    // `@odata.context` and its like, and links, are written by the server that answers (decisions 3 and 16).
    if (member.name.includes('@')) continue;
    const place = pointer + pointerStep(member.name);
    const found = findMember(schema, member.name);
    if (found === undefined) {
      if (walk.rules.trust === 'capture') unknown.set(member.name, compactJson(walk.text, member.value));
      else readUnknown(walk, schema, pointer, member);
      continue;
    }
    const [name, property] = found;
    if (pointer === '' && name === 'links') continue;
    if (walk.rules.trust === 'body' && walk.rules.comparesOnly !== true && isPassedOver(property)) continue;
    if (Object.hasOwn(value, name)) {
      report(walk, 'ambiguousMember', place, member.nameNode, `"${name}" stands here twice, in different letters.`);
      continue;
    }
    value[name] = readValue(walk, property, member.value, pointer + pointerStep(name));
  }
  if (unknown.size > 0) (value as { [kept]?: ReadonlyMap<string, string> })[kept] = unknown;
  return value;
}

/** What a body cannot set: it may stand there, so that an answer can be sent back (decision 12). */
function isPassedOver(schema: PropertySchema): boolean {
  const { write } = notesFor(schema);
  return write === 'server' || write === 'later';
}

function readUnknown(
  walk: Walk,
  schema: PropertySchema,
  pointer: string,
  { name, nameNode, value }: { name: string; nameNode: JsonNode; value: JsonNode },
): void {
  if (walk.rules.takes?.(walk, pointer, name, value) === true) return;
  const place = pointer + pointerStep(name);
  if (walk.rules.ignoresUnknown === true) walk.warnings.push({ pointer: place, code: 'unknownMember' });
  else report(walk, 'unknownMember', place, nameNode, unknownMessage(walk, schema, name));
}

/** Says that a name is not known, and which known one it resembles. */
export function unknownMessage({ faults }: Walk, schema: PropertySchema, name: string): string {
  const known = membersOf(schema).map(([member]) => member);
  const nearest = nearestOf(faults, name, known);
  const advice = nearest === undefined ? `Known here: ${known.join(', ')}` : `Did you mean "${nearest}"?`;
  return `There is no member "${name.slice(0, 100)}" here. ${advice}`.slice(0, 600);
}

/** Reads one value by its property. */
export function readValue(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): unknown {
  const notes = notesFor(schema);
  if (node.type === 'null') return readNull(walk, notes, node, pointer);
  if (notes.kind === 'anything') return compactJson(walk.text, node);
  if (notes.kind === 'record') {
    if (node.type === 'object') return readMembers(walk, schema, node, pointer);
    return report(walk, 'wrongType', pointer, node, `Write an object here, not ${nameType(node)}.`);
  }
  if (notes.kind === 'list') return readList(walk, schema, node, pointer);
  if (node.type === 'object' || node.type === 'array') {
    return report(walk, 'wrongType', pointer, node, `Write ${scalarNames[notes.kind]} here, not ${nameType(node)}.`);
  }
  // Scalars may come as text or as JSON numbers and booleans (decision 33).
  const text = node.type === 'number' ? numberText(walk.text, node) : String(node.value);
  if (walk.rules.trust === 'capture') return scalarReaders[notes.kind]({ walk, notes, text, node, pointer });
  if (node.type === 'boolean' && notes.kind !== 'flag') {
    return report(walk, 'wrongType', pointer, node, `Write ${scalarNames[notes.kind]} here, not a boolean.`);
  }
  return readFormat(scalarReaders[notes.kind]({ walk, notes, text, node, pointer }), {
    walk,
    notes,
    text,
    node,
    pointer,
  });
}

function readNull(walk: Walk, notes: PropertyNotes, node: JsonNode, pointer: string): unknown {
  const isBody = walk.rules.trust === 'body';
  if (notes.kind === 'anything' && !isBody) return 'null';
  // In a body, an id that is null is one that was left out.
  const mustBe = notes.governs === true && !(isBody && walk.rules.keepsNull !== true);
  if ((notes.kind === 'id' && !isBody) || mustBe) {
    return report(walk, 'wrongType', pointer, node, 'This must not be null.');
  }
  if (walk.rules.keepsNull === true) return null;
  // Null and missing are written alike, but for members that are written only when set (decision 2).
  return notes.emit === 'whenSet' && !isBody ? null : undefined;
}

function readList(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): unknown {
  // The documentation of 2019 shows an empty list of customer ids as `{}` (facts §17, row 14).
  if (node.type === 'object' && (node.children ?? []).length === 0) return [];
  if (node.type !== 'array') {
    return report(walk, 'wrongType', pointer, node, `Write a list here, not ${nameType(node)}.`);
  }
  // An item with a fault stays as an empty one, so that the others keep their places.
  return (node.children ?? []).map((item, index) => readItem(walk, schema, item, pointer + pointerStep(index)) ?? {});
}

/** Reads one item of a list. */
export function readItem(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): unknown {
  if (node.type !== 'object') {
    return report(walk, 'wrongType', pointer, node, `Write an object here, not ${nameType(node)}.`);
  }
  const item = readMembers(walk, schema, node, pointer);
  const list = notesFor(schema).values ?? listByType(item.type);
  if (walk.rules.trust === 'body' && list !== undefined && typeof item.id === 'string') {
    warnUnlisted(walk, list, item.id, pointer + pointerStep('id'));
  }
  return item;
}

/** The list for an item of a type: categories among solutions, areas and plays among attributes (decision 19). */
export function listByType(type: unknown): ValueListName | undefined {
  if (type === 'Category') return 'solutionCategories';
  if (type === 'SolutionArea') return 'solutionAreas';
  return type === 'SolutionPlay' ? 'solutionPlays' : undefined;
}

type ScalarKind = Exclude<PropertyNotes['kind'], 'record' | 'list' | 'anything'>;

/** A scalar that is being read. */
interface Scalar {
  readonly walk: Walk;
  readonly notes: PropertyNotes;
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

const scalarReaders: Record<ScalarKind, (scalar: Scalar) => unknown> = {
  id: ({ walk, text, node, pointer }) => {
    if (guidPattern.test(text)) return text.toLowerCase();
    if (pointer === '/organizationId' && text.toLowerCase() === 'msft') return 'msft';
    const also = pointer === '/organizationId' ? ', or msft' : '';
    return report(walk, 'invalidId', pointer, node, `An id has 32 hexadecimal digits, as 8-4-4-4-12${also}.`);
  },
  text: ({ text }) => text,
  choice: ({ walk, notes, text, node, pointer }) => {
    const values: readonly string[] = enumerations[notes.enumeration as EnumerationName];
    const value = values.find((known) => foldName(known) === foldName(text));
    if (value !== undefined || (walk.rules.trust === 'capture' && notes.governs !== true)) return value ?? text;
    return reportValue(walk, text, values, node, pointer);
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
  instant: ({ walk, text, node, pointer }) => {
    const value = parseInstant(text);
    return value === undefined ? reportDate(walk, text, node, pointer) : formatInstantFixed(value);
  },
  date: ({ walk, text, node, pointer }) => {
    const value = parseInstant(text);
    return value === undefined ? reportDate(walk, text, node, pointer) : formatInstantAsGiven(value);
  },
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

/** Warns of a value that its list does not have. Areas and plays are listed by their labels; ids have no spaces. */
export function warnUnlisted(walk: Walk, list: ValueListName, value: string, pointer: string): void {
  const { values } = valueLists[list];
  const isListed = values.includes(value) || values.some((label) => label.replaceAll(' ', '') === value);
  if (value !== '' && !isListed) walk.warnings.push({ pointer, code: 'unlistedValue' });
}

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

/** Notes a fault. */
export function report(walk: Walk, code: FaultCode, pointer: string, node: JsonNode, message: string): undefined {
  walk.faults.push({ code, message, pointer, offset: node.offset });
  return undefined;
}

/** What a JSON value is, in words. */
export function nameType(node: JsonNode): string {
  const names = { object: 'an object', array: 'a list', string: 'a text', number: 'a number', boolean: 'a boolean' };
  return node.type in names ? names[node.type as keyof typeof names] : 'null';
}
