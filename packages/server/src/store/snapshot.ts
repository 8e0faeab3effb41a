import type { Connection } from './sql.ts';
import type { StoredColumn } from './table-rows.ts';

/**
 * The whole exchange as it was at one moment, to be read while others write. It belongs to a process that holds no
 * lock and makes nothing.
 */
export interface Snapshot {
  readonly connection: Connection;
  /** Number of the newest migration that was applied; 0 where there is no exchange. */
  readonly schemaNumber: number;
  /** The columns of a table of the schema; none where it is missing. */
  columnsOf(table: string): Promise<StoredColumn[]>;
  close(): Promise<void>;
}
