import { roles } from '@cosell/model';
import type { Directory, DirectoryChange } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperations, withOperationsOnExisting } from './with-operations.ts';

/** `cosell directory add|list|remove …` */
export function addDirectoryCommands(program: Command, environment: Environment): void {
  const directory = program.command('directory').description('who belongs to the exchange, and what they may do');
  const change = async (wanted: DirectoryChange) => {
    // An exchange may begin with its directory, but not with something that is taken from it.
    const run = wanted.kind.startsWith('add') ? withOperations : withOperationsOnExisting;
    const { done } = await run(environment, 'directory', (operations) => operations.changeDirectory(wanted));
    process.stdout.write(`${done}\n`);
  };
  directory
    .command('list')
    .description('print organisations, locations, routing rules, users and their roles')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const found = await withOperationsOnExisting(environment, 'directory', (operations) =>
        operations.listDirectory({}),
      );
      process.stdout.write(json === true ? `${JSON.stringify(found, null, 2)}\n` : tableOf(found));
    });
  addAdd(directory, change);
  addRemove(directory, change);
}

type Change = (wanted: DirectoryChange) => Promise<void>;

const roleHelp = `one of ${Object.values(roles)
  .map(({ title }) => title)
  .join(', ')}`;

function addAdd(directory: Command, change: Change): void {
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
  addRoleCommand(add, 'give a role to a user', 'addRole', change);
  ruleCommand(add, "which location Microsoft's referrals go to; a rule for the same ones is replaced")
    .requiredOption('--location <mpnId>', 'the location')
    .action(({ location, ...key }: RuleOptions & { location: string }) =>
      change({ kind: 'addRoutingRule', mpnId: location, ...ruleKey(key) }),
    );
}

function addRemove(directory: Command, change: Change): void {
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
  addRoleCommand(remove, 'take a role from a user', 'removeRole', change);
  ruleCommand(remove, 'a routing rule, by what it is for').action((key: RuleOptions) =>
    change({ kind: 'removeRoutingRule', ...ruleKey(key) }),
  );
}

function addRoleCommand(parent: Command, description: string, kind: 'addRole' | 'removeRole', change: Change): void {
  parent
    .command('role <role>')
    .description(`${description}; ${roleHelp}`)
    .requiredOption('--user <name>', 'name or e-mail address of the user')
    .option('--location <mpnId>', 'only for this location')
    .action((role: string, { user, location }: { user: string; location?: string }) =>
      change({ kind, user, role, ...(location === undefined ? {} : { mpnId: location }) }),
    );
}

interface RuleOptions {
  readonly organization: string;
  readonly solution?: string;
  readonly country?: string;
}

function ruleCommand(parent: Command, description: string): Command {
  return parent
    .command('routing-rule')
    .description(description)
    .requiredOption('--organization <id>', 'id or name of the organisation that they are for')
    .option('--solution <id>', 'only for this solution; all of them when left out')
    .option('--country <code>', 'only for customers in this country; all of them when left out');
}

function ruleKey({ organization, solution, country }: RuleOptions) {
  return {
    organization,
    ...(solution === undefined ? {} : { solutionId: solution }),
    ...(country === undefined ? {} : { country }),
  };
}

function tableOf(directory: Directory): string {
  const lines: string[] = [];
  for (const { id, name, tenantIds } of directory.organizations) {
    lines.push(`${name} (${id}), tenant ${tenantIds.join(', ') || 'none'}`);
    for (const location of directory.locations.filter(({ organizationId }) => organizationId === id)) {
      lines.push(`  location ${location.mpnId}  ${location.name}`);
    }
    for (const rule of directory.routingRules.filter(({ organizationId }) => organizationId === id)) {
      const what = `${rule.solutionId ?? 'all solutions'} in ${rule.country ?? 'all markets'}`;
      lines.push(`  routing ${what} to ${rule.mpnId}`);
    }
    for (const user of directory.users.filter(({ organizationId }) => organizationId === id)) {
      const held = user.roles.map(({ role, mpnId }) => `${roles[role].title}${mpnId === null ? '' : ` of ${mpnId}`}`);
      lines.push(`  user ${user.name}  ${user.email}  ${held.join(', ') || 'no role'}`);
    }
    for (const client of directory.clients.filter(({ organizationId }) => organizationId === id)) {
      const title = client.kind === 'application' ? 'application' : 'api-client';
      lines.push(`  ${title} ${client.clientId}  ${client.name}  ${secretsOf(client)}`);
    }
  }
  return lines.length === 0 ? 'The directory is empty.\n' : `${lines.join('\n')}\n`;
}

function secretsOf({ isPublic, secrets }: Directory['clients'][number]): string {
  if (isPublic) return 'public';
  const told = secrets.map(({ id, hint, expiresAt }) => `secret ${hint}… (${id}) until ${expiresAt?.slice(0, 10)}`);
  return told.join(', ') || 'no secret';
}
