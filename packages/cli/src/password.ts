import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell password <user>` */
export function addPassword(program: Command, environment: Environment): void {
  program
    .command('password <user>')
    .description('give a user a new random password, shown once and good for one sign-in, at which he chooses his own')
    .action(async (user: string) => {
      const given = await withOperationsOnExisting(environment, 'password', (operations) =>
        operations.setPassword({ user }).catch(refused),
      );
      process.stdout.write(
        `The new password of ${given.user}, for one sign-in:\n  ${given.password}\nTell him in a way that nobody overhears. It is not shown again.\n`,
      );
    });
}

/** `cosell second-factor reset <user>` */
export function addSecondFactor(program: Command, environment: Environment): void {
  program
    .command('second-factor')
    .description('what can be done about second factors')
    .command('reset <user>')
    .description('take the second factor from a user who has lost his device; he sets up another when he needs one')
    .action(async (user: string) => {
      const { user: name } = await withOperationsOnExisting(environment, 'second-factor', (operations) =>
        operations.resetSecondFactor({ user }).catch(refused),
      );
      process.stdout.write(`${name} has no second factor now.\n`);
    });
}

/** Nobody has asked for a change of the directory, so nobody is told that it was not made. */
function refused(error: unknown): never {
  if (!(error instanceof Failure) || error.kind !== 'directoryRefused') throw error;
  const advice = 'npx --no cosell directory list names those that there are';
  throw new StartupProblem(`Nothing was changed: ${error.slots.reason}; ${advice}.`, { cause: error });
}
