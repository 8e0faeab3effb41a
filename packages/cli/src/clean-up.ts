import type { Deletion, Operations, Retention } from '@cosell/server';
import { StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { notStored } from './not-stored.ts';
import { count, runSweep } from './sweep.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell erase`, `cosell delete` and `cosell retain` */
export function addCleanUp(program: Command, environment: Environment): void {
  program
    .command('erase')
    .description('blank a person everywhere: in referrals, in what others read of them, in their past')
    .requiredOption('--person <e-mail>', 'his e-mail address, in any case')
    .option('--dry-run', 'only say what would be done')
    .action(({ person, dryRun: isDryRun = false }: { person: string; dryRun?: boolean }) =>
      withOperationsOnExisting(environment, 'erase', (operations) => erase(operations, person, isDryRun)),
    );
  program
    .command('delete <id>')
    .description('remove a referral with all that is kept of it; the API has no way to')
    .option('--organization <id>', 'id or name of its owner, where several have one with this id')
    .option('--yes', 'do it; else it is only said what would be removed')
    .action((id: string, { organization, yes = false }: { organization?: string; yes?: boolean }) =>
      withOperationsOnExisting(environment, 'delete', async (operations) => {
        const owner = organization === undefined ? {} : { organization };
        const deletion = await operations.deleteReferral({ id, ...owner, isDryRun: !yes }).catch((error: unknown) => {
          throw notStored(error, id, organization);
        });
        process.stdout.write(deletionText(deletion));
        if (!yes) throw new StartupProblem('Nothing was removed. To remove it, give the same command with --yes.');
      }),
    );
  program
    .command('retain')
    .description('remove what referrals were before a time; that they changed, and when, stays')
    .requiredOption('--history <time>', 'how far back it stays: days, months or years, such as 90d, 18m or 3y')
    .option('--dry-run', 'only say what would be removed')
    .action(({ history, dryRun: isDryRun = false }: { history: string; dryRun?: boolean }) =>
      withOperationsOnExisting(environment, 'retain', async (operations) => {
        const { counts, before } = await runSweep<Retention>('Changes looked at', (progress) =>
          operations.retainHistory({ history, isDryRun, ...(progress && { progress }) }),
        );
        const done = isDryRun ? 'would be removed' : 'removed';
        const what = count(counts.changes ?? 0, 'former document');
        process.stdout.write(`${what} ${done}: what was before ${before.slice(0, 10)}.\n`);
      }),
    );
}

async function erase(operations: Operations, email: string, isDryRun: boolean): Promise<void> {
  const { counts } = await runSweep('Rows looked at', (progress) =>
    operations.erasePerson({ email, isDryRun, ...(progress && { progress }) }),
  );
  const { people = 0, mentions = 0, documents = 0, views = 0, changes = 0, answers = 0, invitations = 0 } = counts;
  const [blanked, looked] = isDryRun ? ['Would blank', 'Would mend'] : ['Blanked', 'Mended'];
  const lines = [
    `${blanked} ${count(people, 'person', 'people')} and ${count(mentions, 'address', 'addresses')} in texts, in ${count(documents, 'referral')}.`,
    `${looked} ${count(views, 'view')}, ${count(changes, 'change')}, ${count(answers, 'kept answer')} and ${count(invitations, 'invitation')}.`,
  ];
  const { users } = await operations.listDirectory({});
  for (const { name, email: address } of users) {
    if (address.toLowerCase() !== email.trim().toLowerCase()) continue;
    lines.push(`The directory has the user ${name} with this address. To remove him:`);
    lines.push(`  npx --no cosell directory remove user ${name}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function deletionText({ id, name, organization, engagementId, readers, removed }: Deletion): string {
  const lines = [
    `Referral ${id}${name === null ? '' : ` "${name}"`} of ${organization.name} (${organization.id})`,
    `  engagement ${engagementId}`,
    `  read by ${readers.join(', ') || 'nobody else'}`,
  ];
  if (removed !== undefined) {
    const { changes, answers } = removed;
    lines.push(`Removed, with ${count(changes, 'change')} and ${count(answers, 'kept answer')}.`);
  }
  return `${lines.join('\n')}\n`;
}
