import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { StartupProblem } from '@cosell/server';
import type { Captured } from './captured.ts';
import { RecordSplitter } from './captured-records.ts';

/** Bytes that are read at once. */
const pieceSize = 1 << 20;

/** A file of captured referrals that can be read as often as needed. */
export interface CaptureFile {
  /** Bytes. */
  readonly size: number;
  /** Calls back for each record or fault, and with the bytes read so far. */
  read(onCaptured: (captured: Captured) => Promise<void> | void, onBytes: (bytes: number) => void): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file. What can be read only once, such as standard input (`-`), is kept in a temporary one: it is read twice. */
export async function openCapture(name: string, standardInput: Readable): Promise<CaptureFile> {
  if (name === '-') return captureFile('standard input', await keep('standard input', standardInput));
  const file = await open(name, 'r').catch((error: unknown) => {
    throw unreadable(name, error);
  });
  const stats = await file.stat();
  if (stats.isFile()) return captureFile(name, file);
  if (!stats.isDirectory()) return captureFile(name, await keep(name, file.createReadStream()));
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

async function captureFile(name: string, file: FileHandle): Promise<CaptureFile> {
  return {
    size: (await file.stat()).size,
    async read(onCaptured, onBytes) {
      const splitter = new RecordSplitter();
      const decode = strictDecoder(name, () => splitter.line);
      const take = async (captured: readonly Captured[]) => {
        for (const one of captured) await onCaptured(one);
      };
      for (let bytes = 0; ; onBytes(bytes)) {
        const piece = await readPiece(name, file, bytes);
        if (piece.length === 0) break;
        bytes += piece.length;
        await take(splitter.push(decode(piece)));
      }
      await take(splitter.push(decode()));
      await take(splitter.end());
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
