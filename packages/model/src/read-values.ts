import { compactJson, pointerStep } from './json-text.ts';
import type { JsonMember, JsonNode } from './json-tree.ts';
import { findAmong, namesOf } from './member-names.ts';
import { nearestOf } from './nearest.ts';
import { kept, membersOf, notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { listByType, readScalar, warnUnlisted } from './read-scalars.ts';
import { nameType, report, type Walk } from './walk.ts';

/** Reads an object by the table; all faults are collected in the walk. */
export function readMembers(
  walk: Walk,
  schema: PropertySchema,
  node: JsonNode,
  pointer: string,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const names = namesOf(schema);
  const isBody = walk.rules.trust === 'body';
  const unknown = isBody ? undefined : new Map<string, string>();
  for (const member of node.members) {
    const found = findAmong(names, member.name);
    if (found === undefined) {
      // `@odata.context` and its like, and links, are written by the server that answers (decisions 3 and 16).
      if (member.name.includes('@')) continue;
      if (unknown === undefined) readUnknown(walk, schema, pointer, member);
      else unknown.set(member.name, compactJson(walk.text, member.value));
      continue;
    }
    const { name, step, schema: property } = found;
    if (pointer === '' && name === 'links') continue;
    if (isBody && walk.rules.comparesOnly !== true && isPassedOver(property)) continue;
    if (Object.hasOwn(value, name)) {
      const place = pointer + pointerStep(member.name);
      report(walk, 'ambiguousMember', place, member, `"${name}" stands here twice, in different letters.`);
      continue;
    }
    value[name] = readValue(walk, property, member.value, pointer + step);
  }
  if (unknown !== undefined && unknown.size > 0) (value as { [kept]?: ReadonlyMap<string, string> })[kept] = unknown;
  return value;
}

/** What a body cannot set: it may stand there, so that an answer can be sent back (decision 12). */
function isPassedOver(schema: PropertySchema): boolean {
  const { write } = notesFor(schema);
  return write === 'server' || write === 'later';
}

function readUnknown(walk: Walk, schema: PropertySchema, pointer: string, member: JsonMember): void {
  const { name, value } = member;
  if (walk.rules.takes?.(walk, pointer, name, value) === true) return;
  const place = pointer + pointerStep(name);
  if (walk.rules.ignoresUnknown === true) walk.warnings.push({ pointer: place, code: 'unknownMember' });
  else report(walk, 'unknownMember', place, member, unknownMessage(walk, schema, name));
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
  return readScalar(walk, notes, node, pointer);
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
  if (node.type === 'object' && node.members.length === 0) return [];
  if (node.type !== 'array') {
    return report(walk, 'wrongType', pointer, node, `Write a list here, not ${nameType(node)}.`);
  }
  // An item with a fault stays as an empty one, so that the others keep their places.
  return node.items.map((item, index) => readItem(walk, schema, item, pointer + pointerStep(index)) ?? {});
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
