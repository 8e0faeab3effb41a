import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StartupProblem } from '@cosell/server';
import { type CapturedRecord, RecordSplitter } from './captured-records.ts';

/** A file of captured referrals that can be read as often as needed. */
export interface CaptureFile {
  /** Bytes. */
  readonly size: number;
  /** Calls back for each record, and with the bytes read so far. */
  read(onRecord: (record: CapturedRecord) => Promise<void> | void, onBytes: (bytes: number) => void): Promise<void>;
  close(): void;
}

/** Opens a file, or keeps standard input (`-`) in a temporary one: it is read twice. */
export async function openCapture(name: string, standardInput: Readable): Promise<CaptureFile> {
  if (name !== '-') return captureFile(name, () => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'cosell-import-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'input');
    await pipeline(standardInput, createWriteStream(path, { mode: 0o600 }));
    return captureFile(path, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

function captureFile(path: string, close: () => void): CaptureFile {
  return {
    size: sizeOf(path),
    async read(onRecord, onBytes) {
      const splitter = new RecordSplitter();
      const decoder = new TextDecoder('utf-8', { fatal: true });
      let bytes = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        for (const record of splitter.push(decode(decoder, chunk, path))) await onRecord(record);
        onBytes(bytes);
      }
      for (const record of splitter.push(decode(decoder, undefined, path))) await onRecord(record);
      for (const record of splitter.end()) await onRecord(record);
    },
    close,
  };
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new Error('it is not a file');
    return stats.size;
  } catch (error) {
    throw new StartupProblem(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer | undefined, path: string): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new StartupProblem(`${path} is not UTF-8. Save it as UTF-8 and import it again.`);
  }
}
