/**
 * Splits captured text into referrals: one document, an array, a list answer with `value`, or one document a line
 * (NDJSON). Only the frame is read here, so that a file of any size needs the memory of one referral; what is inside a
 * record is read by the model.
 */

/** One referral as text, with the line of the file at which it begins. */
export interface CapturedRecord {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Takes text in pieces and gives the records that each piece completes. */
export class RecordSplitter {
  /** Where the next record would stand. */
  #frame: 'top' | 'list' | 'afterValue' | 'lines' = 'top';
  #isListWrapped = false;
  #text = '';
  #line = 1;
  #startLine = 1;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** The last text at depth 1, which is a member's name when a colon follows. */
  #lastText = '';
  #name = '';
  /** Whether one whole document has ended on its own line, so that the rest may be lines. */
  #isLineDone = false;

  push(chunk: string): CapturedRecord[] {
    const records: CapturedRecord[] = [];
    for (const char of chunk) {
      if (this.#frame === 'lines') this.#readLine(char, records);
      else if (this.#depth > 0) this.#readInside(char, records);
      else this.#readBetween(char, records);
      if (char === '\n') this.#line += 1;
    }
    return records;
  }

  /** What is left when the text has ended: a record that was not finished. */
  end(): CapturedRecord[] {
    const text = this.#text.trim();
    this.#text = '';
    if (text !== '') return [{ text, line: this.#startLine }];
    const isOpen = this.#frame === 'list' || this.#frame === 'afterValue';
    return isOpen ? [{ text: '[', line: this.#line }] : [];
  }

  #readLine(char: string, records: CapturedRecord[]): void {
    if (char !== '\n') {
      if (this.#text === '') this.#startLine = this.#line;
      this.#text += char;
      return;
    }
    if (this.#text.trim() !== '') records.push({ text: this.#text.trim(), line: this.#startLine });
    this.#text = '';
  }

  #readBetween(char: string, records: CapturedRecord[]): void {
    if (char === '\n' && this.#isLineDone && this.#frame === 'top') this.#frame = 'lines';
    if (/\s/.test(char) || (char === ',' && this.#frame === 'list')) return;
    if (char === '{') this.#begin(char);
    else if (char === '[' && this.#frame === 'top') this.#frame = 'list';
    else if (char === ']' && this.#frame === 'list') this.#endList();
    else records.push({ text: char, line: this.#line });
  }

  #begin(char: string): void {
    this.#text = char;
    this.#startLine = this.#line;
    this.#depth = 1;
    this.#name = '';
  }

  #endList(): void {
    this.#frame = this.#isListWrapped ? 'afterValue' : 'top';
    // What follows `value` in a list answer, such as the next link, is read to its closing brace and dropped.
    if (this.#isListWrapped) this.#depth = 1;
    this.#isListWrapped = false;
  }

  #readInside(char: string, records: CapturedRecord[]): void {
    if (this.#frame !== 'afterValue') this.#text += char;
    if (this.#isInText) {
      this.#readText(char);
      return;
    }
    if (char === '"') {
      this.#isInText = true;
      this.#lastText = '';
    } else if (char === ':' && this.#depth === 1) this.#name = this.#lastText;
    else if (char === '[' && this.#depth === 1 && this.#name === 'value' && this.#frame === 'top') {
      this.#text = '';
      this.#depth = 0;
      this.#frame = 'list';
      this.#isListWrapped = true;
    } else if (char === '{' || char === '[') this.#depth += 1;
    else if (char === '}' || char === ']') this.#close(records);
  }

  #readText(char: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (char === '\\') this.#isEscaped = true;
    else if (char === '"') this.#isInText = false;
    else if (this.#depth === 1) this.#lastText += char;
  }

  #close(records: CapturedRecord[]): void {
    this.#depth -= 1;
    if (this.#depth > 0) return;
    if (this.#frame === 'afterValue') {
      this.#frame = 'top';
      return;
    }
    records.push({ text: this.#text, line: this.#startLine });
    this.#isLineDone = this.#frame === 'top' && this.#startLine === this.#line;
    this.#text = '';
  }
}
