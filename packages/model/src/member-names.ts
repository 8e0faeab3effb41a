import { membersOf, type PropertySchema } from './property.ts';

/** A member of an object as the table has it: its wire name and its schema. */
export type NamedMember = readonly [name: string, schema: PropertySchema];

/** Finds a member by its name in any ASCII case (decision 2). */
export function findMember(schema: PropertySchema, name: string): NamedMember | undefined {
  const names = namesOf(schema);
  return names.get(name) ?? names.get(foldName(name));
}

/** ASCII letters only, so that no locale and no Turkish I changes what a name is. */
export function foldName(name: string): string {
  return plain.test(name) ? name.toLowerCase() : name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Printable ASCII, as every name of the wire is. */
const plain = /^[ -~]*$/;

function namesOf(schema: PropertySchema): ReadonlyMap<string, NamedMember> {
  let names = foldedNames.get(schema);
  if (names === undefined) {
    // The wire's own spelling first: it is what nearly every document has.
    const members = membersOf(schema);
    names = new Map([
      ...members.map((member) => [foldName(member[0]), member] as const),
      ...members.map((member) => [member[0], member] as const),
    ]);
    foldedNames.set(schema, names);
  }
  return names;
}

const foldedNames = new WeakMap<PropertySchema, ReadonlyMap<string, NamedMember>>();
