import { roles } from '@cosell/model';
import type { Directory, DirectoryChange } from '@cosell/server';
import type { Command } from 'commander';
import { addActivityCommands } from './directory-activity.ts';
import { addAddCommands } from './directory-add.ts';
import { addRemoveCommands } from './directory-remove.ts';
import { addSecretCommands } from './directory-secrets.ts';
import type { Environment } from './environment.ts';
import { withOperations, withOperationsOnExisting } from './with-operations.ts';

/** `cosell directory list|add|remove|deactivate|activate|invite …` */
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
    .description('print organisations, locations, routing rules, users, roles, programs and invitations')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const found = await withOperationsOnExisting(environment, 'directory', (operations) =>
        operations.listDirectory({}),
      );
      process.stdout.write(json === true ? `${JSON.stringify(found, null, 2)}\n` : tableOf(found));
    });
  addAddCommands(directory, change);
  addRemoveCommands(directory, change);
  addActivityCommands(directory, change);
  addSecretCommands(directory, environment);
}

function tableOf(directory: Directory): string {
  const lines: string[] = [];
  for (const { id, name, tenantIds, isActive } of directory.organizations) {
    lines.push(`${name} (${id}), tenant ${tenantIds.join(', ') || 'none'}${off({ isActive })}`);
    for (const location of directory.locations.filter(({ organizationId }) => organizationId === id)) {
      lines.push(`  location ${location.mpnId}  ${location.name}${off(location)}`);
    }
    for (const rule of directory.routingRules.filter(({ organizationId }) => organizationId === id)) {
      const what = `${rule.solutionId ?? 'all solutions'} in ${rule.country ?? 'all markets'}`;
      lines.push(`  routing ${what} to ${rule.mpnId}`);
    }
    for (const user of directory.users.filter(({ organizationId }) => organizationId === id)) {
      const held = user.roles.map(({ role, mpnId }) => `${roles[role].title}${mpnId === null ? '' : ` of ${mpnId}`}`);
      lines.push(`  user ${user.name}  ${user.email}  ${held.join(', ') || 'no role'}${off(user)}`);
    }
    for (const client of directory.clients.filter(({ organizationId }) => organizationId === id)) {
      const title = client.kind === 'application' ? 'application' : 'api-client';
      lines.push(`  ${title} ${client.clientId}  ${client.name}  ${secretsOf(client)}${off(client)}`);
    }
    for (const invitation of directory.invitations.filter(({ organizationId }) => organizationId === id)) {
      if (invitation.acceptedAt !== null || invitation.withdrawnAt !== null) continue;
      lines.push(`  invitation ${invitation.id}  ${invitation.email}  until ${invitation.expiresAt.slice(0, 10)}`);
    }
  }
  return lines.length === 0 ? 'The directory is empty.\n' : `${lines.join('\n')}\n`;
}

function secretsOf({ isPublic, secrets }: Directory['clients'][number]): string {
  if (isPublic) return 'public';
  const told = secrets.map(({ id, hint, expiresAt }) => `secret ${hint}… (${id}) until ${expiresAt?.slice(0, 10)}`);
  return told.join(', ') || 'no secret';
}

function off({ isActive }: { readonly isActive: boolean }): string {
  return isActive ? '' : ', not active';
}
