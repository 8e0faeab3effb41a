import { moveFact, refuseHalf } from '../domain/move-in.ts';
import { findFact } from '../store/directory.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { StartupProblem } from '../store/startup-problem.ts';
import { countRows, readRows, type StoredColumn } from '../store/table-rows.ts';
import { type Table, tables } from '../store/tables.ts';
import { formatLine, formatNumber, RunningSum, type TableHead, type TableSum } from './format.ts';

/** Some lines of an archive, and how many rows are among them. */
export interface ArchivePiece {
  readonly text: string;
  readonly rows: number;
}

/** How many rows an exchange has, in all its tables. */
export async function countAllRows({ connection }: Snapshot): Promise<number> {
  let sum = 0;
  for (const { name } of tables) sum += await countRows(connection, name);
  return sum;
}

/**
 * Writes the whole exchange, in the order of `tables`. The same content gives the same text on both engines.
 *
 * @param about the version of this program, and the time as milliseconds since 1970
 * @throws StartupProblem while an archive is being moved into it
 */
export async function* writeArchive(
  snapshot: Snapshot,
  about: { readonly program: string; readonly nowMs: number },
): AsyncGenerator<ArchivePiece> {
  const { connection, schemaNumber: schema } = snapshot;
  await refuseHalf({ findFact: (name) => findFact(connection, name) });
  const writtenAt = new Date(about.nowMs).toISOString();
  yield { text: formatLine({ cosellArchive: formatNumber, schema, program: about.program, writtenAt }), rows: 0 };
  const end: Record<string, TableSum> = {};
  for (const table of tables) {
    end[table.name] = yield* writeTable(snapshot, table, inOrder(table, await snapshot.columnsOf(table.name)));
  }
  yield { text: formatLine({ end }), rows: 0 };
}

/** Writes one table with these columns, and gives its sum. */
export async function* writeTable(
  { connection }: Snapshot,
  table: Table,
  columns: readonly StoredColumn[],
): AsyncGenerator<ArchivePiece, TableSum> {
  const head: TableHead = { table: table.name, columns: columns.map(({ name }) => name) };
  const headText = formatLine(head);
  const sum = new RunningSum(headText);
  yield { text: headText, rows: 0 };
  for await (const page of readRows(connection, table, columns)) {
    const rows = table.name === 'exchange_facts' ? page.filter(([name]) => name !== moveFact) : page;
    const text = rows.map(formatLine).join('');
    sum.add(text, rows.length);
    yield { text, rows: rows.length };
  }
  return sum.end();
}

/** The columns of the key in its order, then the others by their names: no engine has a say in it. */
function inOrder({ name, key }: Table, columns: readonly StoredColumn[]): StoredColumn[] {
  const place = (column: StoredColumn) => (key.includes(column.name) ? key.indexOf(column.name) : key.length);
  if (columns.length === 0) throw new StartupProblem(`The exchange has no table ${name}.`);
  return columns.toSorted((one, other) => place(one) - place(other) || (one.name < other.name ? -1 : 1));
}
