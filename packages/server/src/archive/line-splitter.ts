/** A line of a file, counted from 1. */
export interface Line {
  readonly number: number;
  /** With its line end; only the last line may have none. */
  readonly bytes: Buffer;
}

/** Bytes of the longest line that is gathered: some times the largest document. */
const longestLine = 64 * 1024 * 1024;

/** Splits bytes into lines at line feeds, and at nothing else that Unicode calls a line end. */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restLength = 0;
  #number = 0;

  /** The lines that a piece completes; undefined where one is longer than any can be. */
  push(piece: Buffer): Line[] | undefined {
    const lines: Line[] = [];
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      lines.push(this.#complete(piece.subarray(from, end + 1)));
      from = end + 1;
    }
    this.#keep(piece.subarray(from));
    return this.#restLength > longestLine ? undefined : lines;
  }

  /** What stands behind the last line end. */
  end(): Line[] {
    return this.#restLength === 0 ? [] : [this.#complete(Buffer.alloc(0))];
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restLength += bytes.length;
  }

  #complete(bytes: Buffer): Line {
    this.#number += 1;
    const whole = this.#restLength === 0 ? bytes : Buffer.concat([...this.#rest, bytes]);
    this.#rest = [];
    this.#restLength = 0;
    return { number: this.#number, bytes: whole };
  }
}
