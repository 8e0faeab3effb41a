import { foldName } from '@cosell/odata';
import type { Fault } from './faults.ts';
import { parseJson } from './json-text.ts';
import { readMembers } from './read-values.ts';
import { type Referral, referralTable } from './referral.ts';
import { nameType, type ReadingRules, report, startWalk } from './walk.ts';

/** A captured referral, or every fault of it. */
export type Reading = { readonly referral: Referral } | { readonly faults: readonly Fault[] };

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

const asCaptured: ReadingRules = { trust: 'capture' };

/**
 * Reads a referral that was captured from the real API (decisions 32 and 33): names in any case, numbers and booleans
 * also as text, unknown members kept, values outside the lists kept. All faults are collected.
 */
export function readReferral(text: string): Reading {
  const parsed = parseJson(text);
  if ('faults' in parsed) return { faults: parsed.faults.map((fault) => ({ pointer: '', ...fault })) };
  const walk = startWalk(text, asCaptured);
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
