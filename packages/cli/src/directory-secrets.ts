import type { Command } from 'commander';
import { wholeNumber } from './directory-options.ts';
import type { Environment } from './environment.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell directory add secret` and `cosell directory invite`: what they make is printed once, on a line of its own. */
export function addSecretCommands(directory: Command, environment: Environment): void {
  directory.commands
    .find((command) => command.name() === 'add')
    ?.command('secret')
    .description('a secret of an application or API client; it is printed this once')
    .requiredOption('--client <id>', 'client id or name')
    .option('--days <number>', 'for how many days it is valid; 180 when left out', wholeNumber)
    .action(async ({ client, days }: { client: string; days?: number }) => {
      const { done, secret } = await withOperationsOnExisting(environment, 'directory', (operations) =>
        operations.addClientSecret({ client, ...(days === undefined ? {} : { days }) }),
      );
      process.stdout.write(`${done} It is shown this once:\n${secret}\n`);
    });
  directory
    .command('invite <email>')
    .description('invite somebody to an organisation; the link is printed this once, and you pass it on')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .option('--user <name>', 'the name that he gets; he chooses it when left out')
    .option('--role <role...>', 'a role that he gets; with :<mpnId> behind it only for this location')
    .action(async (email: string, given: { organization: string; user?: string; role?: string[] }) => {
      const { organization, user } = given;
      const roles = (given.role ?? []).map((text) => {
        const [role = '', mpnId] = text.split(':');
        return { role, ...(mpnId === undefined ? {} : { mpnId }) };
      });
      const named = user === undefined ? {} : { userName: user };
      const { done, link } = await withOperationsOnExisting(environment, 'directory', (operations) =>
        operations.invite({ organization, email, roles, ...named }),
      );
      process.stdout.write(`${done} Pass this link on:\n${link}\n`);
    });
}
