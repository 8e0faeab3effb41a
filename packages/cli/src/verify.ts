import { describeTarget, readConfig, StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import { beginsLikeArchive, checkWithBar, compareWithBar } from './archive-steps.ts';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { withSnapshot } from './import-archive.ts';
import { openInput } from './input-file.ts';

/** `cosell verify <file>` */
export function addVerify(program: Command, environment: Environment): void {
  program
    .command('verify')
    .description('compare the exchange with an archive that export wrote; - for standard input')
    .argument('<file>', '', readFileName)
    .action(async (name: string) => {
      const file = await openInput(name, process.stdin);
      try {
        if (!(await beginsLikeArchive(file)))
          throw new StartupProblem(`${file.name}:1: This is no archive of an exchange.`);
        const isSame = await withSnapshot(readConfig(environment), async (snapshot) => {
          const target = await describeTarget(snapshot);
          return compareWithBar(await checkWithBar(file, target), snapshot, target);
        });
        if (!isSame) throw new StartupProblem('The exchange is not what the archive holds.');
      } finally {
        await file.close();
      }
    });
}
