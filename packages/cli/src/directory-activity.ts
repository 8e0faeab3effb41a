import type { Command } from 'commander';
import type { Change } from './directory-change.ts';

const verbs = [
  { verb: 'deactivate', isActive: false, description: 'shut an entry out; what it has done stays' },
  { verb: 'activate', isActive: true, description: 'let an entry in again' },
] as const;

/** `cosell directory deactivate|activate …` */
export function addActivityCommands(directory: Command, change: Change): void {
  for (const { verb, isActive, description } of verbs) {
    const parent = directory.command(verb).description(description);
    parent
      .command('organization <id>')
      .description('an organisation with all of its users and programs, by id or name')
      .action((organization: string) => change({ kind: 'changeOrganization', organization, isActive }));
    parent
      .command('location <mpnId>')
      .description('a location: whether it takes new referrals')
      .requiredOption('--organization <id>', 'id or name of the organisation')
      .action((mpnId: string, { organization }: { organization: string }) =>
        change({ kind: 'changeLocation', organization, mpnId, isActive }),
      );
    parent
      .command('user <name>')
      .description('a user, by name or e-mail address')
      .action((user: string) => change({ kind: 'changeUser', user, isActive }));
    parent
      .command('client <id>')
      .description('an application or API client, by client id or name')
      .action((client: string) => change({ kind: 'changeClient', client, isActive }));
  }
}
