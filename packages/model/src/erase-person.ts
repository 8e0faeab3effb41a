import { foldName } from '@cosell/odata';
import { foldEmail } from './email.ts';
import { numberText, parseJson } from './json-text.ts';
import type { JsonNode } from './json-tree.ts';
import { kept, membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** What stands where an address stood in a text. */
export const erasedText = '[erased]';

/** A referral without a person, and in how many places he was. */
export interface Erasure {
  readonly referral: Referral;
  /** Members of teams and contacts that were this person; each stays as an empty entry, so that places are kept. */
  readonly people: number;
  /** Places in other texts where his address stood. */
  readonly mentions: number;
}

/** Finds a person by his e-mail address, in any case, and takes him out of what is stored. */
export interface PersonEraser {
  /** Whether a stored document may name him: where it says no, there is nothing to look for. */
  mayBeIn(document: string): boolean;
  eraseFrom(referral: Referral): Erasure;
  /** A text without the address. */
  eraseText(text: string): string;
  /** JSON of any shape without him. */
  eraseJson(text: string): string;
}

/** Members of a person that the table has, and the names by which others call them. */
const personal = new Set(
  [...membersOf(teamOf(referralTable)).map(([name]) => name), 'name', 'displayName', 'fullName', 'phone', 'mobile'].map(
    foldName,
  ),
);

type Values = Record<string, unknown> & { [kept]?: ReadonlyMap<string, string> };

/** What one erasure looks for, and what it has found until now. */
interface Search {
  isHis(value: unknown): boolean;
  mayBeIn(text: string): boolean;
  eraseText(text: string): string;
  people: number;
  mentions: number;
}

/** Makes the rule for one person. */
export function personEraser(email: string): PersonEraser {
  const address = foldEmail(email.trim());
  const inText = addressPattern(address);
  const inJson = JSON.stringify(address).slice(1, -1);
  const search: Search = {
    isHis: (value) => typeof value === 'string' && foldEmail(value.trim()) === address,
    // An escape may stand for any letter of it.
    mayBeIn: (text) => foldEmail(text).includes(inJson) || /\\[u/]/.test(text),
    eraseText: (text) =>
      text.replace(inText, () => {
        search.mentions += 1;
        return erasedText;
      }),
    people: 0,
    mentions: 0,
  };
  return {
    mayBeIn: search.mayBeIn,
    eraseText: search.eraseText,
    eraseJson: (text) => eraseJson(search, text),
    eraseFrom(given) {
      search.people = 0;
      search.mentions = 0;
      // The same members, and no other kinds of values in them.
      const referral = eraseMembers(search, referralTable, given as Values) as unknown as Referral;
      return { referral, people: search.people, mentions: search.mentions };
    },
  };
}

function eraseMembers(search: Search, schema: PropertySchema, values: Values): Values {
  const erased: Values = { ...values };
  for (const [name, member] of membersOf(schema)) {
    const value = values[name];
    if (value !== undefined && value !== null) erased[name] = eraseValue(search, member, value);
  }
  const unknown = values[kept];
  if (unknown !== undefined) {
    erased[kept] = new Map([...unknown].map(([name, text]) => [search.eraseText(name), eraseJson(search, text)]));
  }
  return erased;
}

function eraseValue(search: Search, schema: PropertySchema, value: unknown): unknown {
  const { kind } = notesFor(schema);
  if (kind === 'record') return eraseMembers(search, schema, value as Values);
  if (kind === 'anything') return eraseJson(search, value as string);
  if (kind === 'list') return (value as Values[]).map((item) => eraseItem(search, schema, item));
  return typeof value === 'string' ? search.eraseText(value) : value;
}

function eraseItem(search: Search, schema: PropertySchema, item: Values): Values {
  if (!search.isHis(item.email)) return eraseMembers(search, schema, item);
  search.people += 1;
  return {};
}

function eraseJson(search: Search, text: string): string {
  if (!search.mayBeIn(text)) return text;
  const parsed = parseJson(text);
  return 'root' in parsed ? eraseNode(search, text, parsed.root) : search.eraseText(text);
}

function eraseNode(search: Search, text: string, node: JsonNode): string {
  if (node.type === 'number') return numberText(text, node);
  if (node.type === 'string') return JSON.stringify(search.eraseText(String(node.value)));
  if (node.type === 'array') return `[${node.items.map((item) => eraseNode(search, text, item)).join(',')}]`;
  if (node.type !== 'object') return JSON.stringify(node.value);
  const isPerson = node.members.some(({ name, value }) => foldName(name) === 'email' && search.isHis(value.value));
  if (isPerson) search.people += 1;
  // A name that is an address may become one that is there already; a name stands once in an object.
  const texts = new Map<string, string>();
  for (const { name, value } of node.members) {
    const isBlank = isPerson && personal.has(foldName(name));
    texts.set(search.eraseText(name), isBlank ? 'null' : eraseNode(search, text, value));
  }
  return `{${[...texts].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** An address within a text, and not the end of a longer one (`joann@…`) or its beginning (`….example`). */
function addressPattern(address: string): RegExp {
  const literal = address.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}][._%+-]?)${literal}(?![\p{L}\p{N}-]|\.[\p{L}\p{N}])`, 'giu');
}

function teamOf(table: PropertySchema): PropertySchema {
  const team = membersOf(table).find(([name]) => name === 'team')?.[1];
  if (team === undefined) throw new TypeError('the table has no team');
  return team;
}
