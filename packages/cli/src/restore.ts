import { readConfig, restore, StartupProblem, surroundings } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { sizeText } from './size.ts';

/** `cosell restore <file>` */
export function addRestore(program: Command, environment: Environment): void {
  program
    .command('restore')
    .description('make a backup the database of the data folder, while no server holds that')
    .argument('<file>', '', readFileName)
    .option('--replace', 'put the exchange that is there aside, and keep it')
    .action((file: string, { replace = false }: { replace?: boolean }) => {
      const { dataDir, databaseUrl } = readConfig(environment);
      if (databaseUrl !== undefined) {
        throw new StartupProblem(
          'DATABASE_URL names a PostgreSQL database: restore it with pg_restore, or as your provider does (docs/backup.md).',
        );
      }
      const now = new Date(surroundings.clock.now()).toISOString();
      const stamp = now.slice(0, 19).replaceAll(':', '-');
      const { referrals, bytes, schemaNumber, former } = restore(file, dataDir, { replaces: replace, stamp });
      const lines = [
        `${dataDir} has the exchange of ${file}: ${referrals} referrals, ${sizeText(bytes)}, schema ${schemaNumber}, checked.`,
      ];
      if (former !== undefined) {
        lines.push(`What was there before is ${former}. Remove it when you need it no more.`);
      }
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}
