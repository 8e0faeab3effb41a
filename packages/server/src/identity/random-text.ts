import { randomBytes } from 'node:crypto';

/** Text that nobody can guess, of letters, digits, - and _: 256 bits unless told otherwise. */
export function randomText(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** Letters and digits that are not taken for each other when they are read aloud or copied by hand. */
const readable = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password to be given out: four groups of five readable characters, some 99 bits. */
export function randomPassword(): string {
  const characters: string[] = [];
  while (characters.length < 20) {
    // Of 256 values the last eight would make the first letters likelier.
    characters.push(...[...randomBytes(32)].filter((byte) => byte < 248).map((byte) => readable[byte % 31] ?? ''));
  }
  return [0, 5, 10, 15].map((at) => characters.slice(at, at + 5).join('')).join('-');
}
