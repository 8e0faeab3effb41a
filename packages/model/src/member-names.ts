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
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The known name that a wrong one most resembles; undefined where none comes near. */
export function nearestName(wrong: string, known: readonly string[]): string | undefined {
  const given = foldName(wrong.slice(0, longestName));
  let best: { name: string; likeness: number } | undefined;
  for (const name of known) {
    const likeness = (2 * commonLetters(given, foldName(name))) / (given.length + name.length);
    if (likeness > (best?.likeness ?? 0.5)) best = { name, likeness };
  }
  return best?.name;
}

/** Longer names resemble nothing, and comparing them would cost their square. */
const longestName = 100;

/** How many letters two words have in common, in order: the length of their longest common subsequence. */
function commonLetters(one: string, other: string): number {
  let before = new Array<number>(other.length + 1).fill(0);
  for (const letter of one) {
    const row = [0];
    for (let at = 0; at < other.length; at += 1) {
      const longer = other[at] === letter ? (before[at] ?? 0) + 1 : Math.max(before[at + 1] ?? 0, row[at] ?? 0);
      row.push(longer);
    }
    before = row;
  }
  return before[other.length] ?? 0;
}

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
