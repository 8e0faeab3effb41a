import type { Command } from 'commander';
import type { Change } from './directory-change.ts';
import { addRoleCommand, type RuleOptions, ruleCommand, ruleKey } from './directory-options.ts';

/** `cosell directory add …` */
export function addAddCommands(directory: Command, change: Change): void {
  const add = directory.command('add').description('add or change an entry');
  add
    .command('organization <id>')
    .description('an organisation; the id is its organizationId, a GUID or msft')
    .requiredOption('--name <name>', 'its name')
    .option('--tenant <id>', 'the tenant whose tokens speak for it; a new one when left out')
    .action((id: string, { name, tenant }: { name: string; tenant?: string }) =>
      change({ kind: 'addOrganization', id, name, ...(tenant === undefined ? {} : { tenantId: tenant }) }),
    );
  add
    .command('location <mpnId>')
    .description('a location of an organisation')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .requiredOption('--name <name>', 'name of the location')
    .action((mpnId: string, { organization, name }: { organization: string; name: string }) =>
      change({ kind: 'addLocation', organization, mpnId, name }),
    );
  add
    .command('user <name>')
    .description('a user of an organisation')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .requiredOption('--email <address>', 'his e-mail address, by which teams name him')
    .option('--tenant <id>', 'the tenant of his tokens, where the organisation has several')
    .option('--subject <id>', 'the oid (or sub) claim of his tokens; a new one when left out')
    .action((name: string, given: { organization: string; email: string; tenant?: string; subject?: string }) => {
      const { organization, email, tenant, subject } = given;
      return change({
        kind: 'addUser',
        organization,
        name,
        email,
        ...(tenant === undefined ? {} : { tenantId: tenant }),
        ...(subject === undefined ? {} : { subject }),
      });
    });
  addClientCommands(add, change);
  addRoleCommand(add, 'give a role to a user', 'addRole', change);
  ruleCommand(add, "which location Microsoft's referrals go to; a rule for the same ones is replaced")
    .requiredOption('--location <mpnId>', 'the location')
    .action(({ location, ...key }: RuleOptions & { location: string }) =>
      change({ kind: 'addRoutingRule', mpnId: location, ...ruleKey(key) }),
    );
}

function addClientCommands(add: Command, change: Change): void {
  add
    .command('application <name>')
    .description('an application in which users sign in')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .option('--redirect-uri <address>', 'where users come back to; may be given several times', collect, [])
    .option('--public', 'it runs on the machines of its users and has no secret')
    .option('--client-id <id>', 'its client id, a GUID; a new one when left out')
    .action(
      (name: string, given: { organization: string; redirectUri: string[]; public?: true; clientId?: string }) => {
        const { organization, redirectUri: redirectUris, clientId } = given;
        const isPublic = given.public === true;
        const id = clientId === undefined ? {} : { clientId };
        return change({ kind: 'addApplication', organization, name, redirectUris, isPublic, ...id });
      },
    );
  add
    .command('api-client <name>')
    .description('a program that speaks for its organisation without a user')
    .requiredOption('--organization <id>', 'id or name of the organisation')
    .option('--client-id <id>', 'its client id, a GUID; a new one when left out')
    .action((name: string, { organization, clientId }: { organization: string; clientId?: string }) =>
      change({ kind: 'addApiClient', organization, name, ...(clientId === undefined ? {} : { clientId }) }),
    );
}

/** An option that may be given several times. */
function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
