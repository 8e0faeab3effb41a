import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every file that would be committed, by its path below the root. Works without git history, and without git. */
export function listFiles(): string[] {
  const text = existsSync(join(root, '.git'))
    ? execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    : execFileSync(
        'find',
        [
          '.',
          '-type',
          'f',
          '-not',
          '-path',
          '*/node_modules/*',
          '-not',
          '-path',
          '*/dist/*',
          '-not',
          '-path',
          '*/bundle/*',
        ],
        {
          cwd: root,
          encoding: 'utf8',
        },
      ).replaceAll('./', '');
  return [...new Set(text.split('\n'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
}

/** The TypeScript sources of the packages. */
export function listSources(): string[] {
  return listFiles().filter((path) => /^packages\/\w+\/src\/.*\.ts$/.test(path));
}

/** The text of a file. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** What a source imports: files of its own package by path, everything else by name. */
export function importsOf(path: string): string[] {
  const found = [...readText(path).matchAll(/(?:from|import)\s*\(?\s*'([\w@./:-]+)'/g)].map((match) => match[1] ?? '');
  return found.map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name));
}
