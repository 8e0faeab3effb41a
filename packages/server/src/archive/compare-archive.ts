import type { Snapshot } from '../store/snapshot.ts';
import { tables } from '../store/tables.ts';
import type { ArchiveSummary, ArchiveTarget } from './archive-reader.ts';
import type { OnProgress } from './load-archive.ts';
import { writeTable } from './write-archive.ts';

/** A table of the exchange beside that of an archive. */
export interface ComparedTable {
  readonly table: string;
  readonly archived: number;
  readonly found: number;
  readonly isSame: boolean;
}

/** Reads an exchange and compares it with an archive: for each table the rows and the hash of their content. */
export async function compareArchive(
  { tables: archived }: ArchiveSummary,
  snapshot: Snapshot,
  { shapes }: ArchiveTarget,
  onRows: OnProgress,
): Promise<ComparedTable[]> {
  const compared: ComparedTable[] = [];
  let seen = 0;
  for (const { table: name, columns, rows, sha256 } of archived) {
    const table = tables.find((one) => one.name === name);
    const shape = columns.flatMap((column) => shapes.get(name)?.find((one) => one.name === column) ?? []);
    if (table === undefined) continue;
    const writing = writeTable(snapshot, table, shape);
    let step = await writing.next();
    for (; !step.done; step = await writing.next()) {
      seen += step.value.rows;
      onRows(seen);
    }
    const found = step.value;
    const isSame = found.rows === rows && found.sha256 === sha256;
    compared.push({ table: name, archived: rows, found: found.rows, isSame });
  }
  return compared;
}
