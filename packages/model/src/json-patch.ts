import type { Fault } from './faults.ts';
import { parseIndex, parsePointer } from './json-pointer.ts';
import { pointerStep } from './json-text.ts';
import { deepest } from './json-tree.ts';
import { cloneValue, countValues, defineMember, isPlainObject, isSameValue } from './json-value.ts';

/** JSON Patch (RFC 6902) on values in memory. */

/** One operation whose shape was checked. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'copy'; readonly from: string; readonly path: string }
  | { readonly op: 'test'; readonly path: string; readonly value: unknown };

/** Why a patch cannot be read or applied. */
export interface PatchFault extends Omit<Fault, 'offset'> {
  /** Which operation is at fault; the patch as a whole has none. */
  readonly index: number | undefined;
  /** The place in the document that the operation named; where its own shape is wrong, the place in the patch. */
  readonly pointer: string;
}

type Trouble = Pick<PatchFault, 'code' | 'pointer' | 'message'>;

/** How many values the copies of one patch may make: a patch of thirty copies could double a document thirty times. */
const mostCopies = 1_000_000;

/** What each operation has beside its path (RFC 6902, section 4). */
const needs = {
  add: 'value',
  remove: undefined,
  replace: 'value',
  move: 'from',
  copy: 'from',
  test: 'value',
} as const satisfies Record<PatchOperation['op'], 'value' | 'from' | undefined>;

/** Checks that a JSON value is a list of operations; gives them, or every fault. Members of other names are ignored. */
export function readOperations(
  value: unknown,
): { readonly operations: readonly PatchOperation[] } | { readonly faults: readonly PatchFault[] } {
  if (!Array.isArray(value)) {
    const message = 'A patch is a list of operations: [{"op":"replace","path":"/name","value":"…"}].';
    return { faults: [{ index: undefined, code: 'malformedPatch', pointer: '', message }] };
  }
  const faults = value.flatMap((item: unknown, index) =>
    troublesOf(item).map(({ pointer, ...trouble }) => ({ index, pointer: `/${index}${pointer}`, ...trouble })),
  );
  return faults.length > 0 ? { faults } : { operations: value as PatchOperation[] };
}

function troublesOf(item: unknown): Trouble[] {
  if (!isPlainObject(item)) {
    const message = 'An operation is an object with "op" and "path".';
    return [{ code: 'malformedPatch', pointer: '', message }];
  }
  const [op, path] = [own(item, 'op'), own(item, 'path')];
  const troubles: Trouble[] = [];
  if (!isOperationName(op)) {
    const message = `"op" is one of ${Object.keys(needs).join(', ')}.`;
    troubles.push({ code: 'malformedPatch', pointer: '/op', message });
  }
  troubles.push(...pointerTroubles(path, 'path'));
  const need = isOperationName(op) ? needs[op] : undefined;
  if (need === 'from') troubles.push(...pointerTroubles(own(item, 'from'), 'from'));
  if (need === 'value' && !Object.hasOwn(item, 'value')) {
    const message = `The operation "${op}" needs a "value"; null is one.`;
    troubles.push({ code: 'malformedPatch', pointer: '/value', message });
  }
  return troubles;
}

function isOperationName(op: unknown): op is PatchOperation['op'] {
  return typeof op === 'string' && Object.hasOwn(needs, op);
}

function pointerTroubles(text: unknown, name: 'path' | 'from'): Trouble[] {
  if (typeof text !== 'string') {
    return [{ code: 'malformedPatch', pointer: `/${name}`, message: `"${name}" is a text such as "/details/notes".` }];
  }
  return parsePointer(text) === undefined ? [malformedPointer(name)] : [];
}

function malformedPointer(name: 'path' | 'from'): Trouble {
  const message = `"${name}" is a JSON pointer: it begins with "/", and "~" is written "~0", "/" in a name "~1".`;
  return { code: 'malformedPointer', pointer: `/${name}`, message };
}

/** The document under the empty name, so that the root has a parent like everything else. */
interface Work {
  readonly holder: { '': unknown };
  copies: number;
}

/**
 * Applies operations in order, all or none. The document and the values of the operations stay as they are; members
 * under symbols come along. A result has no more levels than a document that can be read.
 */
export function applyPatch(
  document: unknown,
  operations: readonly PatchOperation[],
): { readonly document: unknown } | { readonly fault: PatchFault } {
  const work: Work = { holder: { '': cloneValue(document) }, copies: 0 };
  let lastMove: number | undefined;
  for (const [index, operation] of operations.entries()) {
    if (operation.op === 'move') lastMove = index;
    const trouble = apply(work, operation);
    if (trouble === undefined) continue;
    const pointer = trouble.code === 'malformedPointer' ? `/${index}${trouble.pointer}` : trouble.pointer;
    return { fault: { index, ...trouble, pointer } };
  }
  // A move costs nothing however much it moves, so its depth is looked at once.
  if (lastMove !== undefined && countValues(work.holder[''], deepest) === undefined) {
    return { fault: { index: lastMove, ...tooDeep(operations[lastMove]?.path ?? '') } };
  }
  return { document: work.holder[''] };
}

function apply(work: Work, operation: PatchOperation): Trouble | undefined {
  const target = parsePointer(operation.path);
  if (target === undefined) return malformedPointer('path');
  const place = ['', ...target];
  if (operation.op === 'move' || operation.op === 'copy') {
    const source = parsePointer(operation.from);
    if (source === undefined) return malformedPointer('from');
    return transfer(work, operation, ['', ...source], place);
  }
  if (operation.op === 'add' || operation.op === 'replace') return put(work, place, operation.value, operation.op);
  const found = find(work, place);
  if ('trouble' in found) return found.trouble;
  if (operation.op === 'remove') return remove(found, operation.path);
  if (isSameValue(found.value, operation.value)) return undefined;
  return { code: 'testFailed', pointer: operation.path, message: 'The value is not the one that was tested for.' };
}

/** Section 4.4 and 4.5: a move is a removal and an addition, a copy an addition of what is found. */
function transfer(
  work: Work,
  { op, path }: { op: 'move' | 'copy'; path: string },
  source: readonly string[],
  place: readonly string[],
): Trouble | undefined {
  const found = find(work, source);
  if ('trouble' in found) return found.trouble;
  if (op === 'copy') return put(work, place, found.value, 'copy');
  const isPrefix = source.every((step, at) => step === place[at]);
  if (isPrefix && source.length === place.length) return undefined;
  if (isPrefix) return { code: 'movedIntoItself', pointer: path, message: 'Nothing can be moved into itself.' };
  take(found);
  return put(work, place, found.value, 'move');
}

type Container = unknown[] | Record<string, unknown>;

/** A value that is there, with what holds it. */
interface Found {
  readonly parent: Container;
  readonly key: string | number;
  readonly value: unknown;
}

/** What stands at a place, or at the first steps towards it. */
function find(work: Work, place: readonly string[], steps = place.length): Found | { trouble: Trouble } {
  let found: Found = { parent: work.holder, key: '', value: work.holder[''] };
  for (let at = 1; at < steps; at += 1) {
    const step = place[at] ?? '';
    const parent = found.value;
    if (Array.isArray(parent)) {
      const index = parseIndex(step);
      if (index === undefined || index >= parent.length) return { trouble: badIndex(place, at, parent.length) };
      found = { parent, key: index, value: parent[index] };
    } else if (isPlainObject(parent) && Object.hasOwn(parent, step)) {
      found = { parent, key: step, value: parent[step] };
    } else return { trouble: notFound(place, at) };
  }
  return found;
}

/** Sets, inserts or replaces; for an addition only the parent must be there (section 4.1). */
function put(work: Work, place: readonly string[], value: unknown, by: PatchOperation['op']): Trouble | undefined {
  const count = by === 'move' ? 0 : countValues(value, deepest - (place.length - 1));
  if (count === undefined) return tooDeep(pointerOf(place));
  if (by === 'copy') work.copies += count;
  if (work.copies > mostCopies) {
    const message = `The copies of one patch make at most ${mostCopies} values.`;
    return { code: 'patchTooLarge', pointer: pointerOf(place), message };
  }
  const kept = by === 'move' ? value : cloneValue(value);
  if (by === 'replace' || place.length === 1) {
    const found = find(work, place);
    if ('trouble' in found) return found.trouble;
    defineMember(found.parent, found.key, kept);
    return undefined;
  }
  const above = find(work, place, place.length - 1);
  if ('trouble' in above) return above.trouble;
  const parent = above.value;
  const last = place[place.length - 1] ?? '';
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : parseIndex(last);
    if (index === undefined || index > parent.length) return badIndex(place, place.length - 1, parent.length);
    parent.splice(index, 0, kept);
  } else if (isPlainObject(parent)) defineMember(parent, last, kept);
  else return notFound(place, place.length - 1);
  return undefined;
}

function remove(found: Found, path: string): Trouble | undefined {
  if (path !== '') return take(found);
  return { code: 'notRemovable', pointer: '', message: 'The whole document cannot be removed; replace it.' };
}

function take({ parent, key }: Found): undefined {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function pointerOf(place: readonly string[]): string {
  return place.slice(1).map(pointerStep).join('');
}

function notFound(place: readonly string[], at: number): Trouble {
  const above = pointerOf(place.slice(0, at));
  const message = `There is no "${place[at]}" in ${above === '' ? 'the document' : above}.`;
  return { code: 'pathNotFound', pointer: pointerOf(place), message };
}

function badIndex(place: readonly string[], at: number, length: number): Trouble {
  const message = `"${place[at]}" is no index here; the list has ${length} items, counted from 0, and "-" only adds.`;
  return { code: 'invalidIndex', pointer: pointerOf(place), message };
}

function tooDeep(pointer: string): Trouble {
  return { code: 'tooDeep', pointer, message: `The document would be nested more than ${deepest} levels deep.` };
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
