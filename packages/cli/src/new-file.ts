import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupProblem } from '@cosell/server';

/** Where something that is exported goes. */
export interface Output {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

/**
 * A file that nobody but its owner may read, under another name until it is whole.
 *
 * @throws StartupProblem where there is one already, or none can be made
 */
export async function newFile(name: string): Promise<Output> {
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

/** Standard output, which is written to as fast as it is read. */
export function standardOutput(): Output {
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
