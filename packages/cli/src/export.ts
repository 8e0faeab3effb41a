import {
  countAllRows,
  openSnapshot,
  readConfig,
  type Snapshot,
  StartupProblem,
  surroundings,
  version,
  writeArchive,
} from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { newFile, type Output, standardOutput } from './new-file.ts';
import { progressBar } from './progress.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell export <file>` */
export function addExport(program: Command, environment: Environment): void {
  program
    .command('export')
    .description('write the whole exchange, with the keys that sign tokens, as one archive; - for standard output')
    .argument('<file>', '', readFileName)
    .action(async (name: string) => {
      const output = name === '-' ? standardOutput() : await newFile(name);
      try {
        const rows = await writeTo(output, environment);
        await output.finish();
        const place = name === '-' ? 'standard output' : name;
        process.stderr.write(`Wrote ${rows} rows to ${place}. ${warning}\n`);
      } catch (error) {
        await output.abandon();
        throw error;
      }
    });
}

const warning =
  'It holds the keys that sign tokens: whoever has it can sign in as anybody. Keep it as you keep the exchange itself.';

async function writeTo(output: Output, environment: Environment): Promise<number> {
  // Nothing is made where there is no exchange, and nothing recorded where there is nothing to take out.
  await onSnapshot(environment, requireRows);
  // It is recorded first, so that whoever compares the archive with the exchange finds the same audit in both.
  await withOperationsOnExisting(environment, 'export', (operations) => operations.recordExport({ what: 'archive' }));
  return onSnapshot(environment, (snapshot) => writeSnapshot(snapshot, output));
}

async function onSnapshot<Result>(environment: Environment, work: (snapshot: Snapshot) => Promise<Result>) {
  const snapshot = await openSnapshot(readConfig(environment));
  try {
    return await work(snapshot);
  } finally {
    await snapshot.close();
  }
}

async function requireRows(snapshot: Snapshot): Promise<number> {
  const all = await countAllRows(snapshot);
  if (all === 0) throw new StartupProblem('There is nothing to export: nobody has started this exchange yet.');
  return all;
}

async function writeSnapshot(snapshot: Snapshot, output: Output): Promise<number> {
  const all = await requireRows(snapshot);
  const bar = progressBar('Writing ', all, process.stderr);
  let rows = 0;
  try {
    for await (const piece of writeArchive(snapshot, { program: version, nowMs: surroundings.clock.now() })) {
      await output.write(piece.text);
      rows += piece.rows;
      bar.show(rows);
    }
    return rows;
  } finally {
    bar.end();
  }
}
