import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
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
import { progressBar } from './progress.ts';

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

/** Where an archive goes. */
interface Output {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

async function writeTo(output: Output, environment: Environment): Promise<number> {
  const snapshot = await openSnapshot(readConfig(environment));
  try {
    return await writeSnapshot(snapshot, output);
  } finally {
    await snapshot.close();
  }
}

async function writeSnapshot(snapshot: Snapshot, output: Output): Promise<number> {
  const all = await countAllRows(snapshot);
  if (all === 0) throw new StartupProblem('There is nothing to export: nobody has started this exchange yet.');
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

/** A file that nobody but its owner may read, under another name until it is whole. */
async function newFile(name: string): Promise<Output> {
  refuseExisting(name);
  const temporary = `${name}.${process.pid}.part`;
  let file: FileHandle;
  try {
    file = await open(temporary, 'wx', 0o600);
  } catch (error) {
    throw unwritable(name, error);
  }
  // Keys that sign tokens are not left lying about under a name that nobody knows.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      rmSync(temporary, { force: true });
      process.exit(1);
    });
  }
  const attempt = async (work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => {
      throw unwritable(name, error);
    });
  };
  return {
    write: (text) => attempt(() => file.writeFile(text)),
    finish: () =>
      attempt(async () => {
        await file.sync();
        await file.close();
        refuseExisting(name);
        await rename(temporary, name);
      }),
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

function standardOutput(): Output {
  return {
    async write(text) {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

function refuseExisting(name: string): void {
  if (existsSync(name)) throw new StartupProblem(`${name} is there already. Remove it, or give another name.`);
}

function unwritable(name: string, error: unknown): unknown {
  if (error instanceof StartupProblem) return error;
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' || code === 'ENOTDIR' ? `there is no folder ${dirname(name)}` : message;
  return new StartupProblem(`${name} cannot be written: ${reason}.`, { cause: error });
}
