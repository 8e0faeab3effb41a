import { Failure } from '@cosell/model';
import { beginMove, endMove, moveRows } from '../domain/move-in.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { StartupProblem } from '../store/startup-problem.ts';
import type { Store } from '../store/store.ts';
import type { StoredColumn, StoredValue, TableRows } from '../store/table-rows.ts';
import { tables } from '../store/tables.ts';
import { type ArchivedRow, ArchiveReader, type ArchiveSummary, type ArchiveTarget } from './archive-reader.ts';
import type { TableHead } from './format.ts';

/** A file that can be read as often as needed. */
export interface ArchiveFile {
  /** How faults name it. */
  readonly name: string;
  /** What the import has to be given to read it again. */
  readonly argument: string;
  /** Its bytes, from the first one on. */
  pieces(): AsyncIterable<Buffer>;
}

/** Hears how far something is: bytes of the file, or rows. */
export type OnProgress = (done: number) => void;

/** Bytes of an archive that go into one transaction. */
const batchBytes = 4 * 1024 * 1024;

/** What an archive has to fit into, as the database describes it. */
export async function describeTarget(snapshot: Snapshot): Promise<ArchiveTarget> {
  const shapes = new Map<string, StoredColumn[]>();
  for (const { name } of tables) shapes.set(name, await snapshot.columnsOf(name));
  return { schemaNumber: snapshot.schemaNumber, shapes };
}

/**
 * Reads a whole archive and holds it to its own counts and hashes.
 *
 * @throws StartupProblem that names the first line that is wrong
 */
export async function checkArchive(
  file: ArchiveFile,
  target: ArchiveTarget,
  onBytes: OnProgress,
): Promise<ArchiveSummary> {
  const reader = new ArchiveReader(file.name, target);
  let bytes = 0;
  for await (const piece of file.pieces()) {
    reader.push(piece);
    bytes += piece.length;
    onBytes(bytes);
  }
  return reader.end();
}

/**
 * Moves an archive that has been checked into a new exchange, or goes on where that was broken off. It stays closed to
 * everybody until `openMoved`.
 *
 * @throws StartupProblem where the exchange holds anything else, or its database refuses a row
 */
export async function loadArchive(
  file: ArchiveFile,
  { identity: archive }: ArchiveSummary,
  store: Store,
  target: ArchiveTarget,
  onBytes: OnProgress,
): Promise<void> {
  const start = await store.transact(beginMove, { archive, file: file.argument });
  if ('refused' in start) {
    throw new StartupProblem(`The archive was not moved in: an archive needs a new exchange, and ${start.refused}.`);
  }
  const reader = new ArchiveReader(file.name, target);
  let done = start.line;
  let bytes = 0;
  let stored = 0;
  let rows: ArchivedRow[] = [];
  const flush = async () => {
    const last = rows.at(-1);
    if (last === undefined) return;
    const batch = { archive, after: done, line: last.line, tables: byTable(rows) };
    const isNext = await store.transact(moveRows, batch).catch((error: unknown) => {
      throw refusedRows(file.name, rows, error);
    });
    if (!isNext) throw new StartupProblem('Another import of this archive is at work. Let it end.');
    done = last.line;
    rows = [];
    stored = bytes;
  };
  for await (const piece of file.pieces()) {
    for (const row of reader.push(piece)) if (row.line > start.line) rows.push(row);
    bytes += piece.length;
    if (bytes - stored >= batchBytes) await flush();
    onBytes(bytes);
  }
  reader.end();
  await flush();
}

/** Opens an exchange that an archive was moved into. */
export async function openMoved(store: Store): Promise<void> {
  await store.transact(endMove, null);
}

/** Rows that follow each other in the same table, together. */
function byTable(rows: readonly ArchivedRow[]): TableRows[] {
  const groups: (TableHead & { rows: (readonly StoredValue[])[] })[] = [];
  for (const { head, values } of rows) {
    const last = groups.at(-1);
    if (last?.table === head.table) last.rows.push(values);
    else groups.push({ ...head, rows: [values] });
  }
  return groups;
}

/** The sums agree, so these rows were made by somebody's hand, or the schema has another rule than it had. */
function refusedRows(name: string, rows: readonly ArchivedRow[], error: unknown): unknown {
  if (error instanceof Failure) return error;
  const [first, last] = [rows[0]?.line, rows.at(-1)?.line];
  const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  return new StartupProblem(`${name}: the database refuses the rows of lines ${first} to ${last}: ${reason}.`, {
    cause: error,
  });
}
