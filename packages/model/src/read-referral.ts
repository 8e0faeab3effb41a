import { formatInstantAsGiven, formatInstantFixed, parseDecimal, parseInstant } from '@cosell/odata';
import { type EnumerationName, enumerations } from './enumerations.ts';
import type { Fault, FaultCode } from './faults.ts';
import { compactJson, type JsonNode, membersOfNode, numberText, parseJson, pointerStep } from './json-text.ts';
import { kept, membersOf, notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** A captured referral, or every fault of it. */
export type Reading = { readonly referral: Referral } | { readonly faults: readonly Fault[] };

/** 8-4-4-4-12 hexadecimal digits, in either case. */
export const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Members that every captured referral has; without them it could not be found, ordered or ruled. */
const required = [
  'id',
  'engagementId',
  'organizationId',
  'createdDateTime',
  'updatedDateTime',
  'status',
  'substatus',
  'type',
] as const satisfies readonly (keyof Referral)[];

/** Where the walk is, and what it has found so far. */
interface Walk {
  readonly text: string;
  readonly faults: Fault[];
}

/**
 * Reads a referral that was captured from the real API (decisions 32 and 33): names in any case, numbers and booleans
 * also as text, unknown members kept, values outside the lists kept. All faults are collected.
 */
export function readReferral(text: string): Reading {
  const parsed = parseJson(text);
  if ('faults' in parsed) return { faults: parsed.faults.map((fault) => ({ pointer: '', ...fault })) };
  const walk: Walk = { text, faults: [] };
  if (parsed.root.type !== 'object') {
    report(walk, 'wrongType', '', parsed.root, `A referral is a JSON object, not ${nameType(parsed.root)}.`);
    return { faults: walk.faults };
  }
  const value = readMembers(walk, referralTable, parsed.root, '');
  // Older documents do not say the direction; a record that its owner received is the safe reading (decision 30).
  value.direction ??= 'Incoming';
  for (const name of required) {
    if (value[name] != null || walk.faults.some(({ pointer }) => foldName(pointer) === foldName(`/${name}`))) continue;
    report(walk, 'missingMember', `/${name}`, parsed.root, `"${name}" is missing; a captured referral always has it.`);
  }
  return walk.faults.length > 0 ? { faults: walk.faults } : { referral: value as Referral };
}

function readMembers(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): Record<string, unknown> {
  const wireNames = namesOf(schema);
  const value: Record<string, unknown> = {};
  const unknown = new Map<string, string>();
  for (const member of membersOfNode(node)) {
    // `@odata.context` and its like, and links, are written by the server that answers (decisions 3 and 16).
    if (member.name.includes('@')) continue;
    const place = pointer + pointerStep(member.name);
    const found = wireNames.get(member.name) ?? wireNames.get(foldName(member.name));
    if (found === undefined) {
      unknown.set(member.name, compactJson(walk.text, member.value));
      continue;
    }
    const [name, property] = found;
    if (pointer === '' && name === 'links') continue;
    if (Object.hasOwn(value, name)) {
      report(walk, 'ambiguousMember', place, member.nameNode, `"${name}" stands here twice, in different letters.`);
      continue;
    }
    value[name] = readValue(walk, property, member.value, place);
  }
  if (unknown.size > 0) (value as { [kept]?: ReadonlyMap<string, string> })[kept] = unknown;
  return value;
}

function readValue(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): unknown {
  const notes = notesFor(schema);
  if (notes.kind === 'anything') return compactJson(walk.text, node);
  if (node.type === 'null') return readNull(walk, notes, node, pointer);
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
  return scalarReaders[notes.kind](walk, notes, text, node, pointer);
}

function readNull(walk: Walk, notes: PropertyNotes, node: JsonNode, pointer: string): unknown {
  if (notes.kind === 'id' || notes.governs === true) {
    return report(walk, 'wrongType', pointer, node, 'This must not be null.');
  }
  // Null and missing are written alike, but for members that are written only when set (decision 2).
  return notes.emit === 'whenSet' ? null : undefined;
}

function readList(walk: Walk, schema: PropertySchema, node: JsonNode, pointer: string): unknown {
  // The documentation of 2019 shows an empty list of customer ids as `{}` (facts §17, row 14).
  if (node.type === 'object' && (node.children ?? []).length === 0) return [];
  if (node.type !== 'array') {
    return report(walk, 'wrongType', pointer, node, `Write a list here, not ${nameType(node)}.`);
  }
  return (node.children ?? []).map((item, index) => {
    const place = pointer + pointerStep(index);
    if (item.type === 'object') return readMembers(walk, schema, item, place);
    return report(walk, 'wrongType', place, item, `Write an object here, not ${nameType(item)}.`);
  });
}

type Scalar = Exclude<PropertyNotes['kind'], 'record' | 'list' | 'anything'>;
type ScalarReader = (walk: Walk, notes: PropertyNotes, text: string, node: JsonNode, pointer: string) => unknown;

const scalarNames: Record<Scalar, string> = {
  id: 'an id',
  text: 'a text',
  choice: 'a text',
  flag: 'true or false',
  amount: 'a number',
  instant: 'a date',
  date: 'a date',
};

const scalarReaders: Record<Scalar, ScalarReader> = {
  id: (walk, _notes, text, node, pointer) => {
    if (guidPattern.test(text)) return text.toLowerCase();
    if (pointer === '/organizationId' && text.toLowerCase() === 'msft') return 'msft';
    const also = pointer === '/organizationId' ? ', or msft' : '';
    return report(walk, 'invalidId', pointer, node, `An id has 32 hexadecimal digits, as 8-4-4-4-12${also}.`);
  },
  text: (_walk, _notes, text) => text,
  choice: (walk, notes, text, node, pointer) => {
    const values: readonly string[] = enumerations[notes.enumeration as EnumerationName];
    const value = values.find((known) => foldName(known) === foldName(text));
    if (value !== undefined || notes.governs !== true) return value ?? text;
    return report(walk, 'valueNotAllowed', pointer, node, `"${text}" is not one of ${values.join(', ')}.`);
  },
  flag: (walk, _notes, text, node, pointer) => {
    if (text === 'true' || text === 'false') return text === 'true';
    return report(walk, 'wrongType', pointer, node, 'Write true or false here.');
  },
  amount: (walk, _notes, text, node, pointer) => {
    const value = parseDecimal(text);
    if (typeof value === 'bigint') return value;
    if (value === 'notANumber') return report(walk, 'invalidNumber', pointer, node, `"${text}" is not a number.`);
    const message = 'A number has at most 14 digits before the point and 4 after it.';
    return report(walk, 'tooManyDigits', pointer, node, message);
  },
  instant: (walk, _notes, text, node, pointer) => {
    const value = parseInstant(text);
    return value === undefined ? reportDate(walk, text, node, pointer) : formatInstantFixed(value);
  },
  date: (walk, _notes, text, node, pointer) => {
    const value = parseInstant(text);
    return value === undefined ? reportDate(walk, text, node, pointer) : formatInstantAsGiven(value);
  },
};

function reportDate(walk: Walk, text: string, node: JsonNode, pointer: string): undefined {
  const form = 'write it as 2026-11-30T00:00:00Z, with at most seven digits of a second';
  return report(walk, 'invalidDate', pointer, node, `"${text.slice(0, 40)}" is not a date; ${form}.`);
}

function report(walk: Walk, code: FaultCode, pointer: string, node: JsonNode, message: string): undefined {
  walk.faults.push({ code, message, pointer, offset: node.offset });
  return undefined;
}

function nameType(node: JsonNode): string {
  const names = { object: 'an object', array: 'a list', string: 'a text', number: 'a number', boolean: 'a boolean' };
  return node.type in names ? names[node.type as keyof typeof names] : 'null';
}

/** ASCII letters only, so that no locale and no Turkish I changes what a name is. */
function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function namesOf(schema: PropertySchema): ReadonlyMap<string, readonly [string, PropertySchema]> {
  let names = foldedNames.get(schema);
  if (names === undefined) {
    // The wire's own spelling first: it is what nearly every document has.
    const members = membersOf(schema);
    names = new Map([
      ...members.map((member) => [foldName(member[0]), member] as const),
      ...members.map((member) => [member[0], member] as const),
    ]);
    foldedNames.set(schema, names);
  }
  return names;
}

const foldedNames = new WeakMap<PropertySchema, ReadonlyMap<string, readonly [string, PropertySchema]>>();
