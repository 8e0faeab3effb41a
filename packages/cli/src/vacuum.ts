import { Failure } from '@cosell/model';
import { type Operations, readConfig, StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { sizeText } from './size.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell vacuum` */
export function addVacuum(program: Command, environment: Environment): void {
  program
    .command('vacuum')
    .description('give free room in the database back to the disk; writes wait meanwhile, reads go on')
    .action(async () => {
      const done = await withOperationsOnExisting(environment, 'vacuum', vacuum);
      process.stdout.write(
        done === null
          ? 'There is nothing to do: PostgreSQL does it by itself (autovacuum).\n'
          : `The database of ${readConfig(environment).dataDir} had ${sizeText(done.bytesBefore)} and has ${sizeText(done.bytesAfter)}.\n`,
      );
    });
}

async function vacuum(operations: Operations) {
  try {
    return await operations.vacuum({});
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'storeUnavailable') throw error;
    throw new StartupProblem(
      'The vacuum was broken off, and nothing was changed. It needs free room of about the size of the database beside it, and as much in the folder for temporary files.',
      { cause: error },
    );
  }
}
