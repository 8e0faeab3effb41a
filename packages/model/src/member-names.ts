import { foldName } from '@cosell/odata';
import { membersOf, type PropertySchema } from './property.ts';

/** A member of an object as the table has it. */
export interface NamedMember {
  /** Its name on the wire. */
  readonly name: string;
  /** The step to it in a JSON pointer; no name has a character that is escaped there. */
  readonly step: string;
  readonly schema: PropertySchema;
}

/** The members of an object by their names. */
export type MemberNames = ReadonlyMap<string, NamedMember>;

/** Finds a member by its name in any ASCII case (decision 2). */
export function findMember(schema: PropertySchema, name: string): NamedMember | undefined {
  return findAmong(namesOf(schema), name);
}

/** The same, for whoever looks for many members of one object. */
export function findAmong(names: MemberNames, name: string): NamedMember | undefined {
  return names.get(name) ?? names.get(foldName(name));
}

/** The members of an object or of a list's items by their names, as they are and folded. */
export function namesOf(schema: PropertySchema): MemberNames {
  let names = foldedNames.get(schema);
  if (names === undefined) {
    // The wire's own spelling first: it is what nearly every document has.
    const members = membersOf(schema).map(([name, member]) => ({ name, step: `/${name}`, schema: member }));
    names = new Map([
      ...members.map((member) => [foldName(member.name), member] as const),
      ...members.map((member) => [member.name, member] as const),
    ]);
    foldedNames.set(schema, names);
  }
  return names;
}

const foldedNames = new WeakMap<PropertySchema, MemberNames>();
