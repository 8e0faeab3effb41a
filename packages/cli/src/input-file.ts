import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { StartupProblem } from '@cosell/server';

/** Bytes that are read at once. */
const pieceSize = 1 << 20;

/** A file that can be read as often as needed. */
export interface InputFile {
  /** How messages name it. */
  readonly name: string;
  /** What a command has to be given to read it again: an absolute path, or `-`. */
  readonly argument: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes, from the first one on. */
  pieces(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/** Opens a file. What can be read only once, such as standard input (`-`), is kept in a temporary one: it is read twice. */
export async function openInput(name: string, standardInput: Readable): Promise<InputFile> {
  if (name === '-') return inputFile('standard input', '-', await keep('standard input', standardInput));
  const file = await open(name, 'r').catch((error: unknown) => {
    throw unreadable(name, error);
  });
  const stats = await file.stat();
  if (stats.isFile()) return inputFile(name, resolve(name), file);
  if (!stats.isDirectory()) return inputFile(name, resolve(name), await keep(name, file.createReadStream()));
  await file.close();
  throw new StartupProblem(`${name} is a folder. Give the name of a file.`);
}

/** Copies a stream to a file without a name, so that nothing is left of it however this process ends. */
async function keep(name: string, input: Readable): Promise<FileHandle> {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-import-'));
  let file: FileHandle;
  try {
    file = await open(join(folder, 'input'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) await file.writeFile(chunk);
    return file;
  } catch (error) {
    await file.close();
    throw unreadable(name, error);
  }
}

async function inputFile(name: string, argument: string, file: FileHandle): Promise<InputFile> {
  return {
    name,
    argument,
    size: (await file.stat()).size,
    async *pieces() {
      let position = 0;
      for (;;) {
        const piece = await readPiece(name, file, position);
        if (piece.length === 0) return;
        position += piece.length;
        yield piece;
      }
    },
    close: () => file.close(),
  };
}

async function readPiece(name: string, file: FileHandle, position: number): Promise<Buffer> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceSize), 0, pieceSize, position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Why a file cannot be read, in one line. */
export function unreadable(name: string, error: unknown): StartupProblem {
  const { code, message } = error as { code?: string; message?: string };
  const reason = reasons[code ?? ''] ?? message ?? String(error);
  return new StartupProblem(`${name} cannot be read: ${reason}.`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
  ENOSPC: `there is no room for a copy of it in ${tmpdir()}; set TMPDIR to another folder`,
};
