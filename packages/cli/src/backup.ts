import { backUp, readConfig, StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { sizeText } from './size.ts';

/** `cosell backup <file>` */
export function addBackup(program: Command, environment: Environment): void {
  program
    .command('backup')
    .description('copy the whole database into a new file, also while the exchange runs')
    .argument('<file>', '', readFileName)
    .action((file: string) => {
      const { dataDir, databaseUrl } = readConfig(environment);
      if (databaseUrl !== undefined) {
        throw new StartupProblem(
          'DATABASE_URL names a PostgreSQL database: back it up with pg_dump, or as your provider does (docs/backup.md).',
        );
      }
      const { referrals, bytes, schemaNumber } = backUp(dataDir, file);
      process.stdout.write(
        [
          `${file} is a backup of ${dataDir}: ${referrals} referrals, ${sizeText(bytes)}, schema ${schemaNumber}, checked.`,
          'It holds the key that signs tokens. Keep it as safe as the data folder.',
          '',
        ].join('\n'),
      );
    });
}
