import { formatDecimal } from '@cosell/odata';
import { kept, membersOf, notesFor, type PropertyKind, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** A referral as it is stored: the text of the wire in two parts. `@odata.context` goes before, `links` between them. */
export interface WireDocument {
  /** From the opening brace to the comma that `"links":{…},` follows. */
  readonly beforeLinks: string;
  readonly afterLinks: string;
}

/**
 * The model that writes a document; a stored document of an older one is written anew. Whoever raises it adds a step to
 * `older-document.ts`.
 */
export const modelVersion = 1;

/**
 * Writes a referral in the order and with the defaults of decision 2. Context and links depend on the address that a
 * request came to, so they are left out and put in when the document is sent.
 */
export function formatReferral(referral: Referral): WireDocument {
  const before: string[] = [];
  const after: string[] = [];
  let parts = before;
  for (const member of writtenMembers(referralTable)) {
    if (member.name === 'links') parts = after;
    else writeMember(parts, member, (referral as Record<string, unknown>)[member.name]);
  }
  writeKept(parts, referral);
  return { beforeLinks: `{${before.join(',')},`, afterLinks: `${after.join(',')}}` };
}

/** How a member is written. What is the same for every referral is made once, for a write writes hundreds of members. */
interface WrittenMember {
  readonly name: string;
  /** The name and its colon. */
  readonly start: string;
  /** What stands for one that was never set; undefined for nothing. */
  readonly unset: string | undefined;
  readonly kind: PropertyKind;
  readonly schema: PropertySchema;
}

const known = new WeakMap<PropertySchema, readonly WrittenMember[]>();

function writtenMembers(schema: PropertySchema): readonly WrittenMember[] {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const members = membersOf(schema).map(([name, member]) => {
    const { kind, emit, absent } = notesFor(member);
    const start = `${JSON.stringify(name)}:`;
    const isLeftOut = emit === 'whenSet' || name === 'links';
    return {
      name,
      start,
      unset: isLeftOut ? undefined : start + writeValue(kind, member, absent),
      kind,
      schema: member,
    };
  });
  known.set(schema, members);
  return members;
}

function writeMember(parts: string[], { start, unset, kind, schema }: WrittenMember, given: unknown): void {
  if (given !== undefined) parts.push(start + writeValue(kind, schema, given));
  else if (unset !== undefined) parts.push(unset);
}

function writeValue(kind: PropertyKind, schema: PropertySchema, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (kind === 'record') return writeObject(schema, value as Record<string, unknown>);
  if (kind === 'list')
    return `[${(value as Record<string, unknown>[]).map((item) => writeObject(schema, item)).join(',')}]`;
  if (kind === 'amount') return formatDecimal(value as bigint);
  if (kind === 'anything') return value as string;
  return typeof value === 'string' ? writeText(value) : String(value);
}

/** Most texts are printable ASCII without a quotation mark, and need no escapes to be looked for one by one. */
function writeText(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const escaped = /[^ !#-[\]-~]/;

function writeObject(schema: PropertySchema, value: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const member of writtenMembers(schema)) writeMember(parts, member, value[member.name]);
  writeKept(parts, value);
  return `{${parts.join(',')}}`;
}

function writeKept(parts: string[], value: { [kept]?: ReadonlyMap<string, string> }): void {
  const names = value[kept];
  if (names === undefined) return;
  for (const [name, text] of names) parts.push(`${JSON.stringify(name)}:${text}`);
}
