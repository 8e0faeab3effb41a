import { formatDecimal } from '@cosell/odata';
import { kept, membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** A referral as it is stored: the text of the wire in two parts. `@odata.context` goes before, `links` between them. */
export interface WireDocument {
  /** From the opening brace to the comma that `"links":{…},` follows. */
  readonly beforeLinks: string;
  readonly afterLinks: string;
}

/** The model that writes a document; a stored document of an older one is rewritten (architecture, section 2). */
export const modelVersion = 1;

/**
 * Writes a referral in the order and with the defaults of decision 2. Context and links depend on the address that a
 * request came to, so they are left out and put in when the document is sent.
 */
export function formatReferral(referral: Referral): WireDocument {
  const before: string[] = [];
  const after: string[] = [];
  let parts = before;
  for (const [name, schema] of membersOf(referralTable)) {
    if (name === 'links') parts = after;
    else writeMember(parts, name, schema, (referral as Record<string, unknown>)[name]);
  }
  writeKept(parts, referral);
  return { beforeLinks: `{${before.join(',')},`, afterLinks: `${after.join(',')}}` };
}

function writeMember(parts: string[], name: string, schema: PropertySchema, given: unknown): void {
  const notes = notesFor(schema);
  if (given === undefined && notes.emit === 'whenSet') return;
  parts.push(`${JSON.stringify(name)}:${writeValue(schema, given === undefined ? notes.absent : given)}`);
}

function writeValue(schema: PropertySchema, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const { kind } = notesFor(schema);
  if (kind === 'record') return writeObject(schema, value as Record<string, unknown>);
  if (kind === 'list')
    return `[${(value as Record<string, unknown>[]).map((item) => writeObject(schema, item)).join(',')}]`;
  if (kind === 'amount') return formatDecimal(value as bigint);
  if (kind === 'anything') return value as string;
  return JSON.stringify(value);
}

function writeObject(schema: PropertySchema, value: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [name, member] of membersOf(schema)) writeMember(parts, name, member, value[name]);
  writeKept(parts, value);
  return `{${parts.join(',')}}`;
}

function writeKept(parts: string[], value: { [kept]?: ReadonlyMap<string, string> }): void {
  for (const [name, text] of value[kept] ?? []) parts.push(`${JSON.stringify(name)}:${text}`);
}
