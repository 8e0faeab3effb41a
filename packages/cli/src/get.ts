import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { notStored } from './not-stored.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell get <id>` */
export function addGet(program: Command, environment: Environment): void {
  program
    .command('get <id>')
    .description('print a stored referral of any organisation, without context and links')
    .action(async (id: string) => {
      const { document } = await withOperationsOnExisting(environment, 'get', (operations) =>
        operations.getReferral({ id }).catch((error: unknown) => {
          throw notStored(error, id);
        }),
      );
      process.stdout.write(`${document}\n`);
    });
}
