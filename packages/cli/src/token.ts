import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperations } from './with-operations.ts';

interface TokenOptions {
  readonly user?: string;
  readonly operator?: true;
  readonly withoutMfa?: true;
}

/** `cosell token --user <name>` and `cosell token --operator` */
export function addToken(program: Command, environment: Environment): void {
  program
    .command('token')
    .description('print an access token of the built-in issuer for a user; it is good for an hour')
    .option('--user <name>', 'name or e-mail address of a user in the directory')
    .option('--without-mfa', 'as after a sign-in with a password alone, to rehearse what is refused then')
    .option('--operator', 'a token for whoever runs the exchange; it opens the sandbox and no referral')
    .action(async ({ user, operator, withoutMfa }: TokenOptions, command: Command) => {
      if ((user === undefined) === (operator === undefined)) {
        command.error('error: give --user <name> or --operator, one of them', { exitCode: 1 });
      }
      if (withoutMfa === true && user === undefined) {
        command.error('error: --without-mfa goes with --user', { exitCode: 1 });
      }
      const whose = user === undefined ? ({ operator: true } as const) : { user, withoutMfa: withoutMfa === true };
      const { token } = await withOperations(environment, 'token', (operations) =>
        operations.mintToken(whose).catch((error: unknown) => {
          throw noToken(error);
        }),
      );
      process.stdout.write(`${token}\n`);
    });
}

/** Nobody has asked for a change of the directory, so nobody is told that it was not made. */
function noToken(error: unknown): unknown {
  if (!(error instanceof Failure) || error.kind !== 'directoryRefused') return error;
  const advice = 'npx --no cosell directory list names those that there are';
  return new StartupProblem(`No token was made: ${error.slots.reason}; ${advice}.`, { cause: error });
}
