import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './processes.js';
import { progress } from './report.js';

/**
 * Builds an older commit in a folder of its own, and takes the folder away afterwards.
 *
 * @param {string} root of this checkout
 * @param {string} commit
 * @param {(older: { root: string, name: string }) => Promise<void>} work
 */
export async function withOlderCommit(root, commit, work) {
  const name = (await run('git', ['rev-parse', '--short=12', '--verify', `${commit}^{commit}`], { cwd: root })).trim();
  const parent = mkdtempSync(join(tmpdir(), 'cosell-before-'));
  const folder = join(parent, 'checkout');
  try {
    progress(`building ${name}`);
    await run('git', ['worktree', 'add', '--detach', folder, name], { cwd: root });
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
    await run(process.execPath, [join(folder, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: folder });
    await work({ root: folder, name });
  } finally {
    await run('git', ['worktree', 'remove', '--force', folder], { cwd: root }).catch(() => undefined);
    rmSync(parent, { recursive: true, force: true });
  }
}
