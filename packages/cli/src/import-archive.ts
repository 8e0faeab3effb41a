import {
  type Config,
  describeTarget,
  openMoved,
  openSnapshot,
  openStore,
  readConfig,
  type Snapshot,
  StartupProblem,
  surroundings,
} from '@cosell/server';
import { checkWithBar, compareWithBar, loadWithBar } from './archive-steps.ts';
import type { Environment } from './environment.ts';
import type { InputFile } from './input-file.ts';

/**
 * Moves a whole exchange into a new one: checks the archive, stores its rows, compares both, and only then lets anybody
 * in. Given again after it was broken off, it goes on.
 */
export async function importArchive(file: InputFile, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const opened = await openStore(config, 'import', surroundings);
  if ('holder' in opened) {
    const { holder } = opened;
    const who = holder === undefined ? 'another process' : `cosell ${holder.task} (process ${holder.pid})`;
    throw new StartupProblem(`Nothing is moved into ${config.dataDir} while ${who} holds it. Stop it first.`);
  }
  try {
    const target = await withSnapshot(config, describeTarget);
    const summary = await checkWithBar(file, target);
    await loadWithBar(file, summary, opened.store, target);
    if (!(await withSnapshot(config, (snapshot) => compareWithBar(summary, snapshot, target)))) {
      throw new StartupProblem(
        'What was moved in is not what the archive holds, so nobody is let in. Empty the exchange, and import again.',
      );
    }
    await openMoved(opened.store);
    process.stdout.write('The exchange has moved in, and everything is as in the archive.\n');
  } finally {
    await opened.close();
  }
}

/** Runs something on the exchange as it is now. */
export async function withSnapshot<Result>(
  config: Config,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const snapshot = await openSnapshot(config);
  try {
    return await work(snapshot);
  } finally {
    await snapshot.close();
  }
}
