import type { Fault } from '@cosell/model';
import { invalidBody, mostDetails } from '../../domain/refusals.ts';
import { placed } from '../body.ts';
import { type BatchItem, conditionIds, readRequests } from './batch-envelope.ts';
import { referencesIn } from './batch-references.ts';

/** A batch that has no fault. */
export interface Batch {
  readonly text: string;
  readonly items: readonly BatchItem[];
}

/** What is done at once: a request, or the requests of an atomicity group. */
export interface Unit {
  readonly items: readonly BatchItem[];
  /** What has to be done before. */
  readonly waitsFor: readonly Unit[];
}

/** Ids are compared without regard to case: no two of a batch differ in it alone. */
export function keyOf(id: string): string {
  return id.toLowerCase();
}

/**
 * Reads a batch.
 *
 * @throws Failure `invalidBody` with every fault
 */
export function readBatch(body: Buffer): Batch {
  const { text, items, faults } = readRequests(body);
  const all = [...faults, ...faultsBetween(items)];
  // A place is looked for in the whole text, so only those that are told get one.
  if (all.length > 0) throw invalidBody(all.map((fault, at) => (at < mostDetails ? placed(fault, text) : fault)));
  return { text, items };
}

/** What is wrong with a batch as a whole: ids that stand for two things, groups that are parted, wrong dependencies. */
function faultsBetween(items: readonly BatchItem[]): Fault[] {
  const faults: Fault[] = [];
  const report = (item: BatchItem, code: Fault['code'], member: string, message: string) =>
    faults.push({ code, pointer: `${item.pointer}/${member}`, message, offset: item.offset });
  const groups = new Set<string>();
  const groupOf = new Map<string, string | undefined>();
  const everyGroup = new Set(items.map(({ group }) => (group === undefined ? undefined : keyOf(group))));
  let last: string | undefined;
  for (const item of items) {
    const id = keyOf(item.id);
    const group = item.group === undefined ? undefined : keyOf(item.group);
    if (groupOf.has(id) || everyGroup.has(id)) {
      report(
        item,
        'duplicateId',
        'id',
        `"${item.id}" is the id of another request or group; ids differ in more than case.`,
      );
    }
    if (group !== undefined && group !== last && groups.has(group)) {
      report(item, 'groupParted', 'atomicityGroup', `The requests of "${item.group}" must stand side by side.`);
    }
    for (const [index, name] of item.dependsOn.entries()) {
      const key = keyOf(name);
      if (groupOf.has(key) || (groups.has(key) && key !== group)) continue;
      const message = `"${name.slice(0, 128)}" is no request or group that stands before this one.`;
      report(item, 'dependencyUnknown', `dependsOn/${index}`, message);
    }
    for (const { id: name, member } of [
      ...referencesIn(item),
      ...conditionIds(item).map((named) => ({ id: named, member: 'if' })),
    ]) {
      if (awaits(item, name, groupOf)) continue;
      const message = `"$${name.slice(0, 128)}" refers to a request; name it in "dependsOn", and let it stand before this one.`;
      report(item, 'dependencyUnknown', member, message);
    }
    groupOf.set(id, group);
    if (group !== undefined) groups.add(group);
    last = group;
  }
  return faults;
}

/** Whether a request waits for another: by its id, or by that of its group. */
function awaits({ dependsOn }: BatchItem, id: string, groupOf: ReadonlyMap<string, string | undefined>): boolean {
  const key = keyOf(id);
  const group = groupOf.get(key);
  return groupOf.has(key) && dependsOn.some((name) => keyOf(name) === key || keyOf(name) === group);
}

/** The keys of the requests that a request waits for. */
export function awaitedBy({ dependsOn }: BatchItem, items: readonly BatchItem[]): Set<string> {
  const named = new Set(dependsOn.map(keyOf));
  const isNamed = ({ id, group }: BatchItem) =>
    named.has(keyOf(id)) || (group !== undefined && named.has(keyOf(group)));
  return new Set(items.filter(isNamed).map(({ id }) => keyOf(id)));
}

/** The units of a batch that has no fault, in their order. */
export function unitsOf(items: readonly BatchItem[], isInTurns: boolean): Unit[] {
  const units: Unit[] = [];
  const known = new Map<string, Unit>();
  for (let at = 0; at < items.length; ) {
    const first = items[at];
    if (first === undefined) break;
    let end = at + 1;
    while (first.group !== undefined && items[end]?.group?.toLowerCase() === keyOf(first.group)) end += 1;
    const members = items.slice(at, end);
    const named = members.flatMap(({ dependsOn }) => dependsOn.flatMap((name) => known.get(keyOf(name)) ?? []));
    const unit = { items: members, waitsFor: isInTurns ? units.slice(-1) : [...new Set(named)] };
    units.push(unit);
    for (const { id, group } of members) for (const name of [id, group ?? id]) known.set(keyOf(name), unit);
    at = end;
  }
  return units;
}
