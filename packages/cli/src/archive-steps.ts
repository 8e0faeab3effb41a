import {
  type ArchiveSummary,
  type ArchiveTarget,
  type ComparedTable,
  checkArchive,
  compareArchive,
  isArchive,
  loadArchive,
  type OnProgress,
  type Snapshot,
  StartupProblem,
  type Store,
} from '@cosell/server';
import type { InputFile } from './input-file.ts';
import { progressBar } from './progress.ts';

/** The steps of moving house, each with its bar. */

/** Whether a file is an archive of a whole exchange, or should be one. */
export async function beginsLikeArchive(file: InputFile): Promise<boolean> {
  for await (const piece of file.pieces()) return isArchive(piece.toString('latin1', 0, 200));
  return false;
}

/** Reads a whole archive and holds it to its own sums. */
export function checkWithBar(file: InputFile, target: ArchiveTarget): Promise<ArchiveSummary> {
  return withBar('Checking ', file.size, (onBytes) => checkArchive(file, target, onBytes));
}

/** Stores the rows of an archive. */
export async function loadWithBar(
  file: InputFile,
  summary: ArchiveSummary,
  store: Store,
  target: ArchiveTarget,
): Promise<void> {
  try {
    await withBar('Moving   ', file.size, (onBytes) => loadArchive(file, summary, store, target, onBytes));
  } catch (error) {
    // What the operator has to mend is told in full; anything else, such as a database that is away, passes.
    if (!(error instanceof StartupProblem)) process.stderr.write(`${brokenOff}\n`);
    throw error;
  }
}

const brokenOff = 'The import was broken off. Give the same command again, and it goes on.';

/** Compares an exchange with an archive and prints what came out. Gives whether they are the same. */
export async function compareWithBar(
  summary: ArchiveSummary,
  snapshot: Snapshot,
  target: ArchiveTarget,
): Promise<boolean> {
  const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0);
  const compared = await withBar('Comparing', rows, (onRows) => compareArchive(summary, snapshot, target, onRows));
  process.stdout.write(tableOf(compared));
  return compared.every(({ isSame }) => isSame);
}

async function withBar<Result>(
  label: string,
  total: number,
  work: (onProgress: OnProgress) => Promise<Result>,
): Promise<Result> {
  const bar = progressBar(label, total, process.stderr);
  try {
    return await work(bar.show);
  } finally {
    bar.end();
  }
}

function tableOf(compared: readonly ComparedTable[]): string {
  const width = Math.max(...compared.map(({ table }) => table.length));
  const lines = compared.map(({ table, archived, found, isSame }) => {
    const verdict = isSame ? 'same' : archived === found ? 'other content' : `${found} rows here`;
    return `${table.padEnd(width)} ${String(archived).padStart(9)}  ${verdict}`;
  });
  return `${'table'.padEnd(width)} ${'rows'.padStart(9)}  beside the archive\n${lines.join('\n')}\n`;
}
