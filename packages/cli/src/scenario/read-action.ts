import { type OperationName, operations } from '@cosell/client';
import { actMembers, acts } from '@cosell/server';
import type { Act, Call } from './scenario.ts';
import type { Member, YamlText } from './yaml-text.ts';

/** The names of all operations. */
export const operationNames = Object.keys(operations) as readonly OperationName[];

/** Headers that have a key of their own. */
const headerKeys: Readonly<Record<string, string>> = {
  ifMatch: 'If-Match',
  ifNoneMatch: 'If-None-Match',
  prefer: 'Prefer',
};

/** What a request is sent with, as it is read key by key. */
interface Parts {
  readonly parameters: Record<string, string>;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  body?: unknown;
}

/** Reads the request of a step: `patchReferralById: { id: …, patch: … }`. */
export function readCall(yaml: YamlText, operation: OperationName, { key, value, isEmpty }: Member): Call {
  const { path, method }: { path: string; method: string } = operations[operation];
  const slots = [...path.matchAll(/\{(\w+)\}/g)].map(([, slot = '']) => slot);
  const bodyKeys = { GET: [], PATCH: ['patch'] }[method] ?? ['body'];
  const known = [...slots, ...bodyKeys, 'query', 'headers', ...Object.keys(headerKeys)];
  const parts: Parts = { parameters: {}, query: {}, headers: {} };
  // A request that needs nothing may be written as its name alone.
  const names = { what: operation, known, isOpenTo: isOption };
  const members = isEmpty ? new Map<string, Member>() : yaml.members(value, names);
  for (const member of members.values()) readPart(yaml, member, parts, slots);
  for (const slot of slots.filter((wanted) => !members.has(wanted))) {
    yaml.fault(key, `${operation} needs "${slot}": its path is ${path}`);
  }
  return { operation, ...parts };
}

/** Query options of OData need no key of their own. */
function isOption(name: string): boolean {
  return name.startsWith('$');
}

function readPart(yaml: YamlText, member: Member, parts: Parts, slots: readonly string[]): void {
  const { name, value } = member;
  const put = (into: Record<string, string>, as: string, { name: what, value: node }: Member) => {
    const text = yaml.plain(node, what);
    if (text !== undefined) into[as] = text;
  };
  const header = headerKeys[name];
  if (isOption(name)) put(parts.query, name, member);
  else if (slots.includes(name)) put(parts.parameters, name, member);
  else if (header !== undefined) put(parts.headers, header, member);
  else if (name === 'query' || name === 'headers') {
    for (const inner of yaml.members(value, { what: name }).values()) put(parts[name], inner.name, inner);
  } else parts.body = yaml.data(value);
}

/** Reads the act of a step: `act: accept` and what goes with it. */
export function readAct(yaml: YamlText, act: Member, members: ReadonlyMap<string, Member>): Act {
  const known: readonly string[] = acts;
  const name = yaml.text(act.value, 'act') ?? '';
  if (name !== '' && !known.includes(name)) yaml.unknown(act.value, name, { what: 'act', known });
  const given = actMembers.flatMap((key) => members.get(key) ?? []);
  return { act: name, input: Object.fromEntries(given.map((one) => [one.name, yaml.data(one.value)])) };
}
