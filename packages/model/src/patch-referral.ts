import { isSame, withoutNulls } from './differences.ts';
import type { Fault } from './faults.ts';
import { applyPatch, type PatchOperation } from './json-patch.ts';
import { parseIndex, parsePointer } from './json-pointer.ts';
import { findMember } from './member-names.ts';
import { notesFor, type PropertySchema } from './property.ts';
import type { ReferralOperation } from './read-patch.ts';
import { type Referral, referralTable } from './referral.ts';

/** What a patch makes of a referral, or what is wrong with it. */
export type Patched =
  | { readonly after: Referral; readonly usesExtension: boolean }
  /** The patch leads nowhere in this referral, as it may after somebody else has changed it. */
  | { readonly fault: Fault }
  /** The patch may not change what it names, whatever the referral's state. */
  | { readonly faults: readonly Fault[] };

/**
 * Applies the operations of a PATCH (decision 14): RFC 6902, all or none. A known member that is null, or lies below a
 * null object, is set; an operation on a path that may not be written passes if it changes nothing.
 */
export function patchReferral(
  before: Referral,
  operations: readonly ReferralOperation[],
  { allowsExtensions }: { readonly allowsExtensions: boolean },
): Patched {
  const faults: Fault[] = [];
  const changes: PatchOperation[] = [];
  let usesExtension = false;
  for (const operation of operations) {
    const { access, path } = operation;
    if (access === 'documented' || (access === 'extension' && allowsExtensions)) {
      changes.push(settingOf(operation));
      usesExtension ||= access === 'extension';
    } else if (!changesNothing(before, operation)) faults.push(forbidden(path, access));
  }
  if (faults.length > 0) return { faults };
  const applied = applyFilling(before, changes);
  if ('fault' in applied) return applied;
  return { after: withoutNulls(referralTable, applied.after as Record<string, unknown>) as Referral, usesExtension };
}

/** Members of the table are always there, so that to replace one is to set it. An item of a list may be missing. */
function settingOf({ op, path, value }: ReferralOperation): PatchOperation {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return { op: parseIndex(last) === undefined ? 'add' : op, path, value };
}

function applyFilling(
  before: Referral,
  operations: readonly PatchOperation[],
): { readonly after: unknown } | { readonly fault: Fault } {
  let document: unknown = before;
  let rest = operations;
  for (;;) {
    const result = applyPatch(document, rest);
    if ('document' in result) return { after: result.document };
    const { index = 0, code, pointer, message } = result.fault;
    const failed = rest[index];
    const done = applyPatch(document, rest.slice(0, index));
    // What is there as null on the wire is missing in memory; it is put there, and the rest is tried again.
    const filled = failed === undefined || !('document' in done) ? undefined : fill(done.document, failed.path);
    if (filled === undefined) return { fault: { code, pointer, message, offset: 0 } };
    document = filled;
    rest = rest.slice(index);
  }
}

type Values = Record<string, unknown>;

/** Puts empty objects and lists where a pointer goes along; undefined where all of them are there. */
function fill(document: unknown, path: string): unknown {
  const filled = { ...(document as Values) };
  let schema: PropertySchema = referralTable;
  let parent: Values | unknown[] = filled;
  let isFilled = false;
  for (const name of (parsePointer(path) ?? []).slice(0, -1)) {
    const key = Array.isArray(parent) ? Number(name) : name;
    const below: PropertySchema | undefined = Array.isArray(parent) ? schema : findMember(schema, name)?.schema;
    if (below === undefined) return undefined;
    const present: unknown = (parent as Values)[key];
    const isList: boolean = !Array.isArray(parent) && notesFor(below).kind === 'list';
    if (present == null && Array.isArray(parent)) return undefined;
    isFilled ||= present == null;
    const copy: Values | unknown[] = isList ? [...((present as unknown[]) ?? [])] : { ...(present as Values) };
    (parent as Values)[key] = copy;
    parent = copy;
    schema = below;
  }
  return isFilled ? filled : undefined;
}

function changesNothing(before: Referral, { path, value }: ReferralOperation): boolean {
  let schema: PropertySchema = referralTable;
  let present: unknown = before;
  let isItem = true;
  for (const step of parsePointer(path) ?? []) {
    if (isItem) {
      schema = findMember(schema, step)?.schema ?? schema;
      present = (present as Values | undefined)?.[step];
      isItem = notesFor(schema).kind === 'record';
    } else {
      present = (present as unknown[] | undefined)?.[Number(step)];
      isItem = true;
    }
  }
  if (notesFor(schema).kind !== 'list' || !isItem) return isSame(schema, present, value);
  return present !== undefined && isSame(schema, [present], [value]);
}

function forbidden(path: string, access: ReferralOperation['access']): Fault {
  if (access === 'frozen') {
    const message = 'This is set when the referral is created and stays as it is.';
    return { code: 'frozenMember', pointer: path, message, offset: 0 };
  }
  const message =
    access === 'extension'
      ? 'This path is written by an extension of this server, and extensions are off.'
      : 'Only the exchange sets this member.';
  return { code: 'readOnlyMember', pointer: path, message, offset: 0 };
}
