import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The cases of a standard's own suite. They are other people's work and are read from the folder that CONFORMANCE_DIR
 * names; without it one line says how many are left out, as far as that is known.
 */
export function readConformance<Case>(file: string, expected: number): Case[] {
  const folder = process.env.CONFORMANCE_DIR ?? '';
  const path = join(folder, file);
  if (folder !== '' && existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases;
  console.log(`skipped: ${expected} cases of ${file}; CONFORMANCE_DIR does not name a folder that has it`);
  return [];
}
