import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, repository } from './cosell-process.ts';

/**
 * Copies the built program and changes one text in one of the server's modules. Gives the copy's `cosell`. So a test can
 * show that it would notice.
 *
 * @param module below the server's `dist`, such as `store/sqlite/writer.js`
 */
export function copyProgram(module: string, text: string, instead: string): string {
  const folder = newFolder('cosell-copy-');
  for (const name of ['packages', 'scripts']) cpSync(join(repository, name), join(folder, name), { recursive: true });
  const file = join(folder, 'packages/server/dist', module);
  const before = readFileSync(file, 'utf8');
  if (before.split(text).length !== 2) throw new Error(`${module} does not have ${text} once`);
  writeFileSync(file, before.replace(text, instead));
  const modules = join(repository, 'node_modules');
  mkdirSync(join(folder, 'node_modules/@cosell'), { recursive: true });
  for (const name of readdirSync(modules).filter((entry) => entry !== '@cosell')) {
    symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  }
  for (const name of readdirSync(join(folder, 'packages'))) {
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@cosell', name));
  }
  execFileSync(process.execPath, [join(folder, 'scripts/bundle.js')]);
  return join(folder, 'packages/cli/bin/cosell.js');
}
