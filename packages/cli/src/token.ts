import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperations } from './with-operations.ts';

/** `cosell token --user <name>` */
export function addToken(program: Command, environment: Environment): void {
  program
    .command('token')
    .description('print an access token of the built-in issuer for a user; it is good for an hour')
    .requiredOption('--user <name>', 'name or e-mail address of a user in the directory')
    .action(async ({ user }: { user: string }) => {
      const { token } = await withOperations(environment, 'token', (operations) => operations.mintToken({ user }));
      process.stdout.write(`${token}\n`);
    });
}
