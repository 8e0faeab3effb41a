import { faultCodes } from './faults.ts';
import { parseIndex, parsePointer } from './json-pointer.ts';
import { parseJson, pointerStep } from './json-text.ts';
import type { JsonNode } from './json-tree.ts';
import { findMember } from './member-names.ts';
import { notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { type BodyOptions, type BodyReading, unread } from './read-body.ts';
import { readItem, readValue, unknownMessage } from './read-values.ts';
import { referralTable } from './referral.ts';
import { report, startWalk, type Walk } from './walk.ts';

/**
 * Whether a path may be written (decision 14): by the documented API, by an extension, or not at all, because only the
 * server sets it or because it stays as it was created.
 */
export type PathAccess = 'documented' | 'extension' | 'readOnly' | 'frozen';

/** One operation of a patch, its pointer in the spelling of the wire and its value read by the table. */
export interface ReferralOperation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
  readonly access: PathAccess;
}

/**
 * Reads the body of a PATCH: an array of RFC 6902 operations, of which the API has `add` and `replace` (decision 14).
 * Pointers may be in any ASCII case; values are read as those of a POST. All faults are collected; each is blamed on
 * the pointer of its operation.
 */
export function readPatch(text: string, { unknownProperties, isKept }: BodyOptions): BodyReading<ReferralOperation[]> {
  const parsed = parseJson(text);
  if ('faults' in parsed) return unread(parsed.faults);
  const ignoresUnknown = unknownProperties === 'ignore';
  const rules = {
    trust: 'body',
    keepsNull: true,
    ignoresUnknown,
    ...(isKept === undefined ? {} : { isKept }),
  } as const;
  const walk = startWalk(text, rules);
  const { root: list } = parsed;
  if (list.type !== 'array') {
    const form = '[{"op":"replace","path":"/details/notes","value":"…"}]';
    report(walk, 'wrongType', '', list, `Write a JSON Patch, a list of operations such as ${form}, not an object.`);
    return unread(walk.faults);
  }
  const operations = list.items.flatMap((node, index) => readOperation(walk, node, index) ?? []);
  return { content: operations, faults: walk.faults, warnings: walk.warnings };
}

function readOperation(walk: Walk, node: JsonNode, index: number): ReferralOperation | undefined {
  const place = pointerStep(index);
  if (node.type !== 'object') return report(walk, 'invalidOperation', place, node, 'An operation is an object.');
  const members = new Map(node.members.map(({ name, value }) => [name, value]));
  const [op, path, value] = ['op', 'path', 'value'].map((name) => members.get(name));
  const faultsBefore = walk.faults.length;
  if (op?.value !== 'add' && op?.value !== 'replace') {
    const given = typeof op?.value === 'string' ? `not "${op.value.slice(0, 40)}"` : 'and it is missing here';
    report(walk, 'invalidOperation', `${place}/op`, op ?? node, `"op" is "add" or "replace", ${given}.`);
  }
  if (value === undefined) report(walk, 'invalidOperation', `${place}/value`, node, 'The member "value" is missing.');
  if (path?.type !== 'string') {
    report(walk, 'invalidOperation', `${place}/path`, path ?? node, 'The member "path" is missing or not a text.');
    return undefined;
  }
  const target = resolve(walk, String(path.value), path);
  if (target === undefined || value === undefined) return undefined;
  if (target.isEnd && op?.value === 'replace') {
    const message = 'Nothing stands after the end of a list; "replace" needs an index, "add" may end in "-".';
    report(walk, 'invalidPointer', target.pointer, path, message);
  }
  const content = readContent(walk, target, value);
  if (walk.faults.length > faultsBefore) return undefined;
  return { op: op?.value as 'add' | 'replace', path: target.pointer, value: content, access: target.access };
}

/** Reads the value of an operation. What may not be written anyway is only compared, so its form is no fault. */
function readContent(walk: Walk, { schema, pointer, isItem, access }: Target, value: JsonNode): unknown {
  const read = isItem ? readItem : readValue;
  if (access === 'documented' || access === 'extension') return read(walk, schema, value, pointer);
  const compared = startWalk(walk.text, { ...walk.rules, comparesOnly: true });
  const content = read(compared, schema, value, pointer);
  if (compared.faults.length > 0) report(walk, 'readOnlyMember', pointer, value, faultCodes.readOnlyMember);
  return content;
}

/** Where an operation acts. */
interface Target {
  readonly pointer: string;
  readonly schema: PropertySchema;
  /** Whether it is one item of a list, whose schema this is. */
  readonly isItem: boolean;
  /** Whether it is the place after the last item. */
  readonly isEnd: boolean;
  readonly access: PathAccess;
}

const root: Target = { pointer: '', schema: referralTable, isItem: true, isEnd: false, access: 'frozen' };

/** What lies below a writable path is writable with it, but for what only the server sets. */
function accessBelow(above: PathAccess, { write, extension }: PropertyNotes): PathAccess {
  if (write === 'server' || above === 'readOnly') return 'readOnly';
  if (write !== 'change' && write !== 'later') return above;
  return extension === undefined ? 'documented' : 'extension';
}

/** Follows a JSON pointer (RFC 6901) through the table. */
function resolve(walk: Walk, text: string, node: JsonNode): Target | undefined {
  const wrong = (message: string) => report(walk, 'invalidPointer', text.slice(0, 200), node, message);
  if (text === '')
    return wrong('The whole referral is replaced by PUT; a patch names members, such as "/details/notes".');
  const steps = parsePointer(text);
  if (steps === undefined) {
    return wrong('This is no JSON pointer: it begins with "/", and "~" stands only in "~0" and "~1" (RFC 6901).');
  }
  let target = root;
  for (const segment of steps) {
    const next = step(walk, target, segment, node);
    if (next === undefined) return undefined;
    if (typeof next === 'string') return wrong(next);
    target = next;
  }
  return target;
}

function step(walk: Walk, from: Target, segment: string, node: JsonNode): Target | string | undefined {
  const kind = from.isItem ? 'record' : notesFor(from.schema).kind;
  if (from.isEnd) return `Nothing stands below "${from.pointer}", because no item is there yet.`;
  if (kind === 'record') {
    const found = findMember(from.schema, segment);
    if (found === undefined) {
      const pointer = from.pointer + pointerStep(segment.slice(0, 100));
      if (walk.rules.isKept?.(pointer) === true) {
        return report(walk, 'readOnlyMember', pointer, node, 'This member is kept as it came and cannot be changed.');
      }
      return report(walk, 'unknownMember', pointer, node, unknownMessage(walk, from.schema, segment));
    }
    const { step, schema } = found;
    const access = accessBelow(from.access, notesFor(schema));
    return { pointer: from.pointer + step, schema, isItem: false, isEnd: false, access };
  }
  if (kind !== 'list') return `"${from.pointer}" is a single value; nothing stands below it.`;
  if (segment !== '-' && parseIndex(segment) === undefined) {
    return `"${from.pointer}" is a list; after it stands the number of an item, counted from 0, or "-" for its end.`;
  }
  return { ...from, pointer: `${from.pointer}/${segment}`, isItem: true, isEnd: segment === '-' };
}
