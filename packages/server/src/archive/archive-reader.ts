import { createHash } from 'node:crypto';
import { StartupProblem } from '../store/startup-problem.ts';
import type { StoredValue } from '../store/table-rows.ts';
import { tables } from '../store/tables.ts';
import { type Manifest, RunningSum, type TableHead, type TableSum } from './format.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import {
  type OpenTable,
  readHead,
  readManifest,
  readRow,
  readTrailer,
  type Shapes,
  type WrongLine,
} from './read-lines.ts';

/** A row of an archive, and its line. */
export interface ArchivedRow {
  readonly head: TableHead;
  readonly values: readonly StoredValue[];
  readonly line: number;
}

/** What an archive has been found to hold. */
export interface ArchiveSummary {
  readonly manifest: Manifest;
  /** Its tables in their order, each with its sum. */
  readonly tables: readonly (TableHead & TableSum)[];
  /** SHA-256 of the trailer: the same for two archives of the same content. */
  readonly identity: string;
}

/** Into what an archive has to fit. */
export interface ArchiveTarget {
  readonly schemaNumber: number;
  readonly shapes: Shapes;
}

/**
 * Reads an archive piece by piece and holds it to its own sums and to the exchange that it is for. It is the same for
 * whoever checks, loads or compares one.
 */
export class ArchiveReader {
  readonly #name: string;
  readonly #target: ArchiveTarget;
  readonly #splitter = new LineSplitter();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #sums = new Map<string, TableSum>();
  readonly #heads: TableHead[] = [];
  #manifest: Manifest | undefined;
  #open: OpenTable | undefined;
  #sum: RunningSum | undefined;
  #before: readonly StoredValue[] | undefined;
  #lastLine = 0;
  #identity: string | undefined;

  /** @param name how faults name the file */
  constructor(name: string, target: ArchiveTarget) {
    this.#name = name;
    this.#target = target;
  }

  /** The rows that a piece completes. @throws StartupProblem for the first line that is wrong, with its number */
  push(piece: Buffer): ArchivedRow[] {
    const lines = this.#splitter.push(piece);
    if (lines === undefined) throw this.#fault(this.#lastLine + 1, 'The line is too long for an archive.');
    return lines.flatMap((line) => this.#read(line));
  }

  /** @throws StartupProblem where something is missing at the end */
  end(): ArchiveSummary {
    for (const line of this.#splitter.end()) this.#read(line);
    if (this.#manifest === undefined || this.#identity === undefined) {
      throw this.#fault(this.#lastLine, 'The archive ends here and is not whole.');
    }
    const sumOf = (head: TableHead) => this.#sums.get(head.table) as TableSum;
    const summed = this.#heads.map((head) => ({ ...head, ...sumOf(head) }));
    return { manifest: this.#manifest, tables: summed, identity: this.#identity };
  }

  #read(line: Line): ArchivedRow[] {
    this.#lastLine = line.number;
    if (this.#identity !== undefined) throw this.#fault(line.number, 'There is more after the end of the archive.');
    const value = this.#parse(line);
    if (this.#manifest === undefined) {
      this.#manifest = this.#accept(line, readManifest(value, this.#target.schemaNumber));
      return [];
    }
    if (Array.isArray(value)) return [this.#readRow(line, value)];
    if (typeof value === 'object' && value !== null && 'end' in value) this.#readEnd(line, value);
    else this.#readHead(line, value);
    return [];
  }

  #readRow(line: Line, value: unknown): ArchivedRow {
    if (this.#open === undefined) throw this.#fault(line.number, 'The row comes before any table.');
    const values = this.#accept(line, readRow(value, this.#open, this.#before));
    this.#before = values;
    this.#sum?.add(line.bytes, 1);
    return { head: this.#open.head, values, line: line.number };
  }

  #readHead(line: Line, value: unknown): void {
    this.#closeTable();
    this.#open = this.#accept(line, readHead(value, this.#target.shapes, this.#open?.table, this.#isOlder()));
    this.#heads.push(this.#open.head);
    this.#sum = new RunningSum(line.bytes);
    this.#before = undefined;
  }

  #readEnd(line: Line, value: unknown): void {
    this.#closeTable();
    this.#accept(line, readTrailer(value, this.#sums));
    // An older schema may have had fewer tables.
    const missing = this.#isOlder() ? undefined : tables.find(({ name }) => !this.#sums.has(name));
    if (missing !== undefined) throw this.#fault(line.number, `The table ${missing.name} is missing.`);
    this.#identity = createHash('sha256').update(line.bytes).digest('hex');
  }

  #isOlder(): boolean {
    return (this.#manifest?.schema ?? 0) < this.#target.schemaNumber;
  }

  #closeTable(): void {
    if (this.#open !== undefined && this.#sum !== undefined) this.#sums.set(this.#open.table.name, this.#sum.end());
  }

  #parse(line: Line): unknown {
    let text: string;
    try {
      text = this.#decoder.decode(line.bytes);
    } catch {
      throw this.#fault(line.number, 'This is not UTF-8.');
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      const isLast = !text.endsWith('\n');
      throw this.#fault(line.number, isLast ? 'The archive ends here and is not whole.' : 'This is not JSON.');
    }
  }

  #accept<Read extends object>(line: Line, read: Read | WrongLine): Read {
    if ('wrong' in read) throw this.#fault(line.number, read.wrong);
    return read;
  }

  #fault(line: number, message: string): StartupProblem {
    return new StartupProblem(`${this.#name}:${line}: ${message}`);
  }
}
