import { closeSync, createReadStream, createWriteStream, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StartupProblem } from '@cosell/server';
import type { Captured } from './captured.ts';
import { RecordSplitter } from './captured-records.ts';

/** A file of captured referrals that can be read as often as needed. */
export interface CaptureFile {
  /** Bytes. */
  readonly size: number;
  /** Calls back for each record or fault, and with the bytes read so far. */
  read(onCaptured: (captured: Captured) => Promise<void> | void, onBytes: (bytes: number) => void): Promise<void>;
  close(): void;
}

/** Opens a file. What can be read only once, such as standard input (`-`), is kept in a temporary one: it is read twice. */
export async function openCapture(name: string, standardInput: Readable): Promise<CaptureFile> {
  if (name === '-') return captureFile('standard input', await keep('standard input', standardInput));
  let fd: number;
  try {
    fd = openSync(name, 'r');
  } catch (error) {
    throw unreadable(name, error);
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return captureFile(name, fd);
  if (stats.isDirectory()) {
    closeSync(fd);
    throw new StartupProblem(`${name} is a folder. Give the name of a file.`);
  }
  return captureFile(name, await keep(name, createReadStream('', { fd })));
}

/** Copies a stream to a file without a name, so that nothing is left of it however this process ends. */
async function keep(name: string, input: Readable): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-import-'));
  let fd: number;
  try {
    fd = openSync(join(folder, 'input'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await pipeline(input, createWriteStream('', { fd, autoClose: false }));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw unreadable(name, error);
  }
}

function captureFile(name: string, fd: number): CaptureFile {
  return {
    size: fstatSync(fd).size,
    async read(onCaptured, onBytes) {
      const splitter = new RecordSplitter();
      const decode = strictDecoder(name, () => splitter.line);
      const take = async (captured: readonly Captured[]) => {
        for (const one of captured) await onCaptured(one);
      };
      let bytes = 0;
      const input = createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: 1 << 20 });
      try {
        for await (const chunk of input as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          await take(splitter.push(decode(chunk)));
          onBytes(bytes);
        }
      } catch (error) {
        throw (error as { syscall?: string }).syscall === 'read' ? unreadable(name, error) : error;
      }
      await take(splitter.push(decode()));
      await take(splitter.end());
    },
    close: () => closeSync(fd),
  };
}

/** Reads UTF-8 in pieces, a byte order mark or none before it. `lineOf` gives the line at which a piece begins. */
function strictDecoder(name: string, lineOf: () => number): (chunk?: Buffer) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const refuse = (before: string) => {
    const line = lineOf() + before.split('\n').length - 1;
    return new StartupProblem(`${name}:${line}: This is not UTF-8. Save the file as UTF-8 and import it again.`);
  };
  return (chunk) => {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      const marked = wholeCharacters(chunk ?? Buffer.alloc(0)).toString();
      throw refuse(marked.slice(0, Math.max(marked.indexOf('\uFFFD'), 0)));
    }
    // JSON has no zero in it, and UTF-16 is full of them.
    const zero = text.indexOf('\0');
    if (zero >= 0) throw refuse(text.slice(0, zero));
    return text;
  };
}

/** Without the rest of a character that began in the piece before. */
function wholeCharacters(chunk: Buffer): Buffer {
  let at = 0;
  while (at < 3 && ((chunk[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return chunk.subarray(at);
}

function unreadable(name: string, error: unknown): StartupProblem {
  const { code, message } = error as { code?: string; message?: string };
  const reason = reasons[code ?? ''] ?? message ?? String(error);
  return new StartupProblem(`${name} cannot be read: ${reason}.`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  ENOSPC: `there is no room for a copy of it in ${tmpdir()}; set TMPDIR to another folder`,
};
