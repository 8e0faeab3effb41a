import type { Command } from 'commander';
import type { Change } from './directory-change.ts';
import { addRoleCommand, type RuleOptions, ruleCommand, ruleKey } from './directory-options.ts';

/** `cosell directory remove …` */
export function addRemoveCommands(directory: Command, change: Change): void {
  const remove = directory.command('remove').description('remove an entry');
  remove
    .command('organization <id>')
    .description('an organisation without users, locations and referrals')
    .action((id: string) => change({ kind: 'removeOrganization', id }));
  remove
    .command('location <mpnId>')
    .description('a location')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .action((mpnId: string, { organization }: { organization: string }) =>
      change({ kind: 'removeLocation', organization, mpnId }),
    );
  remove
    .command('user <name>')
    .description('a user and his roles')
    .action((user: string) => change({ kind: 'removeUser', user }));
  remove
    .command('secret <id>')
    .description('a secret of an application or API client, by its id')
    .requiredOption('--client <id>', 'client id or name')
    .action((id: string, { client }: { client: string }) => change({ kind: 'removeClientSecret', client, id }));
  remove
    .command('invitation <id>')
    .description('an invitation; its link opens nothing any more')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .action((id: string, { organization }: { organization: string }) =>
      change({ kind: 'withdrawInvitation', organization, id }),
    );
  addRoleCommand(remove, 'take a role from a user', 'removeRole', change);
  ruleCommand(remove, 'a routing rule, by what it is for').action((key: RuleOptions) =>
    change({ kind: 'removeRoutingRule', ...ruleKey(key) }),
  );
}
