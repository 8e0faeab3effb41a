import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ArchiveFile,
  type ArchiveSummary,
  checkArchive,
  describeTarget,
  loadArchive,
  openMoved,
  openSnapshot,
  openStore,
  readConfig,
  type Snapshot,
  surroundings,
  writeArchive,
} from '@cosell/server';
import type { Place } from './engines.ts';

const unheard = () => undefined;

/** Works on the exchange of a place as it is now. */
export async function withSnapshotOf<Result>(
  place: Place,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const snapshot = await openSnapshot(place.at);
  try {
    return await work(snapshot);
  } finally {
    await snapshot.close();
  }
}

/** The archive of a place as text; `onPiece` is waited for after each piece. */
export function archiveOf(place: Place, onPiece: () => Promise<void> = async () => undefined): Promise<string> {
  return withSnapshotOf(place, async (snapshot) => {
    let text = '';
    for await (const piece of writeArchive(snapshot, { program: '0.0.0', nowMs: 0 })) {
      text += piece.text;
      await onPiece();
    }
    return text;
  });
}

/** An archive as a file, read in pieces of so many bytes. */
export function archiveFile(content: string | Buffer, pieceSize = 1 << 20): ArchiveFile {
  const bytes = Buffer.from(content);
  return {
    name: 'moving.ndjson',
    argument: '/somewhere/moving.ndjson',
    async *pieces() {
      for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
    },
  };
}

/** A file that can be read as far as a byte, and no further. */
export function brokenFile(content: string, end: number): ArchiveFile {
  const file = archiveFile(content);
  return {
    ...file,
    async *pieces() {
      let bytes = 0;
      for await (const piece of file.pieces()) {
        bytes += piece.length;
        if (bytes > end) throw new Error('broken off');
        yield piece;
      }
    },
  };
}

/** Reads an archive whole and holds it to its sums and to the exchange of a place. */
export function checkAt(place: Place, content: string | Buffer, pieceSize?: number): Promise<ArchiveSummary> {
  return withSnapshotOf(place, async (snapshot) =>
    checkArchive(archiveFile(content, pieceSize), await describeTarget(snapshot), unheard),
  );
}

/** Moves an archive into a place. `file` is what the second reading of it meets. */
export async function moveInto(place: Place, content: string, file: ArchiveFile = archiveFile(content)): Promise<void> {
  const opened = await openStore({ ...readConfig({}), ...place.at }, 'test', surroundings);
  if ('holder' in opened) throw new Error('the place is in use');
  try {
    const target = await withSnapshotOf(place, describeTarget);
    const summary = await checkArchive(archiveFile(content), target, unheard);
    await loadArchive(file, summary, opened.store, target, unheard);
    await openMoved(opened.store);
  } finally {
    await opened.close();
  }
}

/** The lines of an archive without their ends. */
export function linesOf(archive: string): string[] {
  return archive.split('\n').slice(0, -1);
}

/** An archive of these lines. */
export function archiveText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** An archive whose sums are those of its lines, as somebody would make it who changes more than one thing. */
export function withOwnSums(lines: readonly string[]): string {
  const end: Record<string, { rows: number; sha256: string }> = {};
  const body = lines.slice(0, -1);
  const heads = body.flatMap((line, index) => (line.startsWith('{"table"') ? [index] : []));
  for (const [place, from] of heads.entries()) {
    const own = body.slice(from, heads[place + 1] ?? body.length);
    const { table } = JSON.parse(own[0] ?? '') as { table: string };
    end[table] = { rows: own.length - 1, sha256: createHash('sha256').update(archiveText(own)).digest('hex') };
  }
  return archiveText([...body, JSON.stringify({ end })]);
}

/** What an archive holds, but for when it was written, and for what asking and exporting leave in the audit. */
export function contentOfText(text: string): string {
  return text
    .replace(/"writtenAt":"[^"]*"/, '')
    .replace(/^\[\d+,.*"(exported|refused)".*\n/gm, '')
    .replace(/"acts":\{[^}]*\}/, '');
}

/** The same of a file. */
export function contentOf(file: string): string {
  return contentOfText(readFileSync(file, 'utf8'));
}
