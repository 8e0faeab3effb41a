import { createHash } from 'node:crypto';

/**
 * An archive is text, a line each: the manifest; for each table a head with its columns and then its rows in the order
 * of the key, each an array; at last a trailer that says how many rows each table has and what they hash to.
 */

/** The format that this program writes, and the newest that it reads. */
export const formatNumber = 1;

/** The first line. */
export interface Manifest {
  /** The number of the format. */
  readonly cosellArchive: number;
  /** The number of the newest migration of the exchange. */
  readonly schema: number;
  /** The version of the program that wrote it. */
  readonly program: string;
  /** When it was written, by the machine's clock: ISO 8601, UTC. It alone differs between two archives of the same content. */
  readonly writtenAt: string;
}

/** The line before the rows of a table. */
export interface TableHead {
  readonly table: string;
  /** Those of the key first. */
  readonly columns: readonly string[];
}

/** What the rows of a table come to. */
export interface TableSum {
  readonly rows: number;
  /** SHA-256 of the head and the rows, each with its line end, in hexadecimal. */
  readonly sha256: string;
}

/** The last line: the sum of each table. */
export interface Trailer {
  readonly end: Readonly<Record<string, TableSum>>;
}

/** Whether a file that begins like this is meant to be an archive. */
export function isArchive(opening: string): boolean {
  return /^\s*\{\s*"cosellArchive"/.test(opening);
}

/** A value as a line of an archive. */
export function formatLine(value: Manifest | TableHead | Trailer | readonly unknown[]): string {
  return `${JSON.stringify(value)}\n`;
}

/** Adds up a table while its lines go by. */
export class RunningSum {
  readonly #hash = createHash('sha256');
  #rows = 0;

  constructor(head: string | Buffer) {
    this.#hash.update(head);
  }

  /** @param lines lines with their ends */
  add(lines: string | Buffer, rows: number): void {
    this.#hash.update(lines);
    this.#rows += rows;
  }

  /** The sum, once nothing more comes. */
  end(): TableSum {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}
