import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { count, runSweep } from './sweep.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell reindex` */
export function addReindex(program: Command, environment: Environment): void {
  program
    .command('reindex')
    .description('derive anew what is stored beside the documents: columns, lists, what others read')
    .action(() =>
      withOperationsOnExisting(environment, 'reindex', async (operations) => {
        const { looked, counts } = await runSweep('Rows looked at', (progress) =>
          operations.reindex(progress === undefined ? {} : { progress }),
        );
        const { documents = 0, views = 0, changes = 0 } = counts;
        const mended = `${count(documents, 'referral')}, ${count(views, 'view')} and ${count(changes, 'change')}`;
        const isRight = documents + views + changes === 0;
        process.stdout.write(`${isRight ? 'Everything was right.' : `Written anew: ${mended}.`}\n`);
        process.stdout.write(`${count(looked, 'row')} looked at.\n`);
      }),
    );
}
