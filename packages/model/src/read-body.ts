import { foldName } from '@cosell/odata';
import type { Fault } from './faults.ts';
import { parseJson, pointerStep } from './json-text.ts';
import type { JsonNode } from './json-tree.ts';
import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { listByType, warnUnlisted } from './read-scalars.ts';
import { readMembers } from './read-values.ts';
import { type Referral, referralTable } from './referral.ts';
import { requiredToCreate } from './schema-for.ts';
import { nameType, type ReadingRules, report, startWalk, type Walk, type Warning } from './walk.ts';

/** What a client wrote, and what is wrong with it; no content where the text itself cannot be read. */
export interface BodyReading<Content> {
  readonly content: Content | undefined;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/** The members of a referral that a client gave. */
export type GivenReferral = Partial<Referral>;

/** What a POST gave: `isCopy` when it has an id, as an answer that is posted again (decision 12). */
export interface NewReferral {
  readonly given: GivenReferral;
  readonly isCopy: boolean;
}

/** How unknown members are taken (`UNKNOWN_PROPERTIES`). */
export interface BodyOptions {
  /** `ignore` leaves unknown members out with a warning. */
  readonly unknownProperties: 'refuse' | 'ignore';
  /** Whether the stored document has an unknown member at this pointer. */
  readonly isKept?: (pointer: string) => boolean;
}

/**
 * Reads the body of a POST (decisions 12, 16, 19, 29, 33). Members that only the server sets are passed over; what is
 * missing, wrong or unknown is reported, all of it at once.
 */
export function readNewReferral(text: string, { unknownProperties }: BodyOptions): BodyReading<NewReferral> {
  const ignoresUnknown = unknownProperties === 'ignore';
  const rules = { trust: 'body', ignoresUnknown, takes: takesOtherSpellings } as const;
  return readBody(text, rules, (walk, root) => {
    const given = readMembers(walk, referralTable, root, '') as GivenReferral;
    addAttributes(walk, given);
    for (const [path, names] of Object.entries(requiredToCreate)) {
      for (const name of names) requireMember(walk, given, [...(path === '' ? [] : path.split('.')), name], root);
    }
    return { given, isCopy: memberNode(root, 'id')?.type === 'string' };
  });
}

/** Reads the body of a PUT (decision 15): null empties a member, an absent one says nothing. */
export function readReplacement(text: string, { unknownProperties, isKept }: BodyOptions): BodyReading<GivenReferral> {
  const takes: ReadingRules['takes'] = (walk, pointer, name, node) =>
    isKept?.(pointer + pointerStep(name)) === true || takesOtherSpellings(walk, pointer, name, node);
  const ignoresUnknown = unknownProperties === 'ignore';
  const rules = { trust: 'body', ignoresUnknown, keepsNull: true, takes } as const;
  return readBody(text, rules, (walk, root) => {
    const given = readMembers(walk, referralTable, root, '') as GivenReferral;
    addAttributes(walk, given);
    const compared = startWalk(text, { ...rules, ignoresUnknown: true, comparesOnly: true });
    addReadOnly(referralTable, given as Values, readMembers(compared, referralTable, root, ''));
    return given;
  });
}

type Values = Record<string, unknown>;

/** Adds what only the server sets, so that a PUT that has it otherwise can be told so. What is no such value is left out. */
function addReadOnly(schema: PropertySchema, given: Values, compared: Values): void {
  for (const [name, member] of membersOf(schema)) {
    const value = compared[name];
    if (value == null) continue;
    const { kind, write } = notesFor(member);
    if (kind === 'record') {
      const below = (given[name] ?? {}) as Values;
      addReadOnly(member, below, value as Values);
      if (Object.keys(below).length > 0) given[name] = below;
    } else if (write === 'server' || write === 'later') given[name] = value;
  }
}

function readBody<Content>(
  text: string,
  rules: ReadingRules,
  read: (walk: Walk, root: JsonNode) => Content,
): BodyReading<Content> {
  const parsed = parseJson(text);
  if ('faults' in parsed) return unread(parsed.faults);
  const walk = startWalk(text, rules);
  if (parsed.root.type !== 'object') {
    report(walk, 'wrongType', '', parsed.root, `A referral is a JSON object, not ${nameType(parsed.root)}.`);
    return unread(walk.faults);
  }
  const content = read(walk, parsed.root);
  return { content, faults: walk.faults, warnings: walk.warnings };
}

/** A text of which nothing can be taken. */
export function unread(faults: readonly (Omit<Fault, 'pointer'> & { pointer?: string })[]): BodyReading<never> {
  return { content: undefined, faults: faults.map((fault) => ({ pointer: '', ...fault })), warnings: [] };
}

/** Names of former versions, passed over wherever they stand at the top (decision 16). */
const legacyNames = new Set(['attributes', 'businessprofileid', 'offerid']);

/** Attributes that the documentation shows as members (decision 16). */
const attributeTypes: Readonly<Record<string, string>> = {
  partnerrole: 'PartnerRole',
  solutionarea: 'SolutionArea',
  solutionplay: 'SolutionPlay',
  customermarketplaceintent: 'CustomerMarketplaceIntent',
};

const placeOfAttributes = '/details/requirements/additionalRequirements';

interface Attribute {
  type?: string | null;
  id?: string | null;
}

/** Attributes that were found under names of their own, until the walk is over. */
const found = new WeakMap<Walk, Attribute[]>();

function takesOtherSpellings(walk: Walk, pointer: string, name: string, node: JsonNode): boolean {
  const folded = foldName(name);
  if (pointer === '' && legacyNames.has(folded)) return true;
  const type = Object.hasOwn(attributeTypes, folded) ? attributeTypes[folded] : undefined;
  if (type === undefined || (pointer !== '' && pointer !== placeOfAttributes)) return false;
  const attributes = found.get(walk) ?? [];
  found.set(walk, attributes);
  for (const item of node.type === 'array' ? node.items : [node]) {
    const id = textOf(item);
    const list = listByType(type);
    if (id !== undefined) attributes.push({ type, id });
    else if (item.type !== 'null') {
      const message = 'Write a text, an object with "id", or a list of these.';
      report(walk, 'wrongType', `${pointer}/${name}`, item, message);
    }
    if (id !== undefined && list !== undefined) warnUnlisted(walk, list, id, `${pointer}/${name}`);
  }
  return true;
}

function textOf(node: JsonNode): string | undefined {
  if (node.type === 'string') return String(node.value);
  if (node.type !== 'object') return undefined;
  const id = memberNode(node, 'id');
  return id?.type === 'string' ? String(id.value) : undefined;
}

function addAttributes(walk: Walk, given: GivenReferral): void {
  const attributes = found.get(walk);
  if (attributes === undefined) return;
  given.details ??= {};
  given.details.requirements ??= {};
  given.details.requirements.additionalRequirements ??= {};
  const additional = given.details.requirements.additionalRequirements;
  additional.attributes = [...(additional.attributes ?? []), ...attributes];
}

function requireMember(walk: Walk, given: GivenReferral, path: readonly string[], root: JsonNode): void {
  const pointer = `/${path.join('/')}`;
  // A fault above or at the place says enough.
  if (walk.faults.some((fault) => pointer === fault.pointer || pointer.startsWith(`${fault.pointer}/`))) return;
  let value: unknown = given;
  let node: JsonNode | undefined = root;
  for (const [depth, name] of path.entries()) {
    value = (value as Record<string, unknown>)[name];
    const isLast = depth === path.length - 1;
    if (value == null || (isLast && typeof value === 'string' && value.trim() === '')) {
      // The innermost missing object is reported by its own row.
      if (isLast) report(walk, 'missingMember', pointer, node ?? root, `"${pointer.slice(1)}" is required.`);
      return;
    }
    node = node === undefined ? undefined : memberNode(node, name);
  }
}

function memberNode(node: JsonNode, name: string): JsonNode | undefined {
  return node.members.find((member) => foldName(member.name) === foldName(name))?.value;
}
