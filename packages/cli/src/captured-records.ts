import { StartupProblem } from '@cosell/server';
import type { Captured } from './captured.ts';

/**
 * Splits captured text into referrals: one document, an array, a list answer with `value`, or several of these one
 * after the other, on a line each (NDJSON) or printed over many lines. Only the frame is read here, so that a file of
 * any size needs the memory of one referral; what is inside a record is read by the model.
 */

/** UTF-16 units of the largest referral: 16 times what the API takes. A bracket left open would else gather the file. */
const largestRecord = 16 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Takes text in pieces and gives what each piece completes. */
export class RecordSplitter {
  readonly #found: Captured[] = [];
  #chunk = '';
  #at = 0;
  /** Units before this chunk, and before this line. */
  #before = 0;
  #lineBegin = 0;
  #line = 1;

  #state: 'between' | 'inside' | 'word' | 'text' = 'between';
  /** The list whose items are the records, and what may come next in it. */
  #list: 'none' | 'array' | 'value' = 'none';
  #next: 'itemOrEnd' | 'item' | 'commaOrEnd' = 'itemOrEnd';
  /** Whether the object that is being read is a list answer: what it holds beside `value` is dropped. */
  #isAnswer = false;
  /** Whether every document so far stood on one line, so that a line begins the next one. */
  #isLines: boolean | undefined;

  /** The record that is being read: its earlier pieces, and where it begins in this chunk. */
  #pieces: string[] = [];
  #size = 0;
  #from = 0;
  #start = { line: 1, column: 1 };
  /** What is open in it, the innermost last: true for a list. */
  #open: boolean[] = [];
  #isInText = false;
  #isEscaped = false;
  /** The last code that is no white space; a text counts as its quotation mark. */
  #last = 0;
  #isLineBegin = false;
  /** The last text of the outermost object, which is a member's name when a colon follows. */
  #name = '';

  /** The line of what is pushed next. */
  get line(): number {
    return this.#line;
  }

  push(chunk: string): Captured[] {
    this.#chunk = chunk;
    this.#at = 0;
    this.#from = 0;
    while (this.#at < chunk.length) {
      if (this.#state === 'inside') this.#readInside();
      else if (this.#state === 'between') this.#readBetween();
      else this.#readScalar();
    }
    if (this.#state !== 'between' && !this.#isAnswer) this.#gather(chunk.length);
    this.#before += chunk.length;
    return this.#found.splice(0);
  }

  /** What is left when the text has ended: a record or a list that was not finished. */
  end(): Captured[] {
    this.#chunk = '';
    this.#at = 0;
    this.#from = 0;
    const isCutOff = this.#isAnswer || (this.#state === 'between' && this.#list !== 'none');
    if (isCutOff) this.#fault('The list is not closed; the file may be cut off.');
    else if (this.#state !== 'between') this.#finish(0);
    return this.#found.splice(0);
  }

  #readBetween(): void {
    const code = this.#chunk.charCodeAt(this.#at);
    if (code === newline) this.#endLine(this.#at);
    // A byte order mark stands between files that were put together.
    else if (code === 0x20 || code === 0x09 || code === 0x0d || code === 0xfeff) this.#at += 1;
    else if (this.#list !== 'none' && code === comma) this.#passComma();
    else if (this.#list !== 'none' && code === closeBracket) this.#endList();
    else if (this.#list === 'none' && code === openBracket) this.#beginList('array');
    else this.#begin(code);
  }

  #passComma(): void {
    if (this.#next !== 'commaOrEnd') this.#fault('A value is expected before this comma; remove the comma.');
    this.#next = 'item';
    this.#at += 1;
  }

  #beginList(list: 'array' | 'value'): void {
    this.#list = list;
    this.#next = 'itemOrEnd';
    this.#state = 'between';
    this.#at += 1;
  }

  #endList(): void {
    if (this.#next === 'item') this.#fault('Remove the comma before "]".');
    this.#at += 1;
    if (this.#list === 'value') {
      this.#state = 'inside';
      this.#isAnswer = true;
      this.#open = [false];
      this.#last = closeBracket;
    }
    this.#list = 'none';
  }

  /** Begins a record with its first code. */
  #begin(code: number): void {
    if (this.#list !== 'none' && this.#next === 'commaOrEnd') this.#fault('A comma is missing before this value.');
    this.#next = 'commaOrEnd';
    this.#start = this.#place();
    this.#from = this.#at;
    this.#pieces = [];
    this.#size = 0;
    this.#at += 1;
    this.#isEscaped = false;
    if (code !== openBrace && code !== openBracket) {
      this.#state = code === quote ? 'text' : 'word';
      return;
    }
    this.#state = 'inside';
    this.#open = [code === openBracket];
    this.#last = code;
    this.#isInText = false;
    this.#isLineBegin = false;
    this.#name = '';
  }

  /** A text, a number or a word where a referral should stand: one faulty record. */
  #readScalar(): void {
    const code = this.#chunk.charCodeAt(this.#at);
    if (this.#state === 'text') {
      if (code !== newline) this.#at += 1;
      const isEnd = code === newline || (code === quote && !this.#isEscaped);
      this.#isEscaped = code === backslash && !this.#isEscaped;
      if (isEnd) this.#finish(this.#at);
      return;
    }
    const isEnd = code === newline || code === openBrace || code === openBracket || code === quote;
    if (isEnd || (this.#list !== 'none' && (code === comma || code === closeBracket))) this.#finish(this.#at);
    else this.#at += 1;
  }

  /** Reads an object or a list to its end, or to the end of the chunk. */
  #readInside(): void {
    const chunk = this.#chunk;
    while (this.#at < chunk.length) {
      if (this.#isInText) this.#skipText();
      else if (this.#readStructure(chunk.charCodeAt(this.#at))) return;
    }
  }

  /** Skips to the end of a text. A line break ends it too: JSON has none in a text, so a quotation mark is missing. */
  #skipText(): void {
    const chunk = this.#chunk;
    const from = this.#at;
    let at = from;
    let isEscaped = this.#isEscaped;
    for (; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (isEscaped) isEscaped = false;
      else if (code === backslash) isEscaped = true;
      else if (code === quote || code === newline) break;
    }
    this.#isEscaped = isEscaped;
    // `value` is all that is looked for, so a long text is not copied.
    if (this.#open.length === 1 && this.#name.length < 6) this.#name += chunk.slice(from, Math.min(at, from + 6));
    if (at === chunk.length) {
      this.#at = at;
      return;
    }
    this.#isInText = false;
    this.#isEscaped = false;
    this.#last = quote;
    this.#at = chunk.charCodeAt(at) === quote ? at + 1 : at;
  }

  /** Reads one code outside of texts. Gives whether the record has ended, or turned out to be a list answer. */
  #readStructure(code: number): boolean {
    if (code === 0x20 || code === 0x09 || code === 0x0d) {
      this.#at += 1;
      return false;
    }
    if (code === newline) {
      this.#endLine(this.#at);
      this.#isLineBegin = true;
      return false;
    }
    if (code === openBrace && this.#isLineBegin && this.#isNextRecord()) {
      this.#finish(this.#at);
      // Whether a comma went before is the broken record's fault, which is reported already.
      if (this.#list !== 'none') this.#next = 'item';
      return true;
    }
    this.#isLineBegin = false;
    if (code === openBracket && this.#isValueList()) {
      this.#isAnswer = false;
      this.#beginList('value');
      return true;
    }
    this.#at += 1;
    const { length } = this.#open;
    if (code === quote) {
      this.#isInText = true;
      if (length === 1) this.#name = '';
    } else if (code === openBrace || code === openBracket) this.#open.push(code === openBracket);
    else if (code === closeBrace || code === closeBracket) {
      this.#open.pop();
      if (length === 1) return this.#close();
    }
    this.#last = code;
    return false;
  }

  /**
   * Whether a brace at the beginning of a line belongs to the next record, because JSON allows none there: then the
   * record before it is broken, and only that one is lost.
   */
  #isNextRecord(): boolean {
    if (this.#isAnswer) return false;
    if (this.#isLines === true && this.#list === 'none' && this.#place().column === 1) return true;
    const isInList = this.#open.at(-1) === true;
    return isInList ? this.#last !== openBracket && this.#last !== comma : this.#last !== colon;
  }

  #isValueList(): boolean {
    const isOutermost = this.#open.length === 1 && this.#open[0] === false && this.#list === 'none';
    return isOutermost && this.#last === colon && this.#name === 'value';
  }

  #close(): true {
    if (this.#isAnswer) {
      this.#isAnswer = false;
      this.#state = 'between';
      return true;
    }
    if (this.#list === 'none') this.#isLines = this.#isLines !== false && this.#start.line === this.#line;
    this.#finish(this.#at);
    return true;
  }

  /** Ends the record before a place in the chunk. */
  #finish(end: number): void {
    this.#gather(end);
    this.#found.push({ text: this.#pieces.join('').trimEnd(), ...this.#start });
    this.#state = 'between';
    this.#pieces = [];
  }

  #gather(end: number): void {
    this.#size += end - this.#from;
    if (this.#size > largestRecord) {
      const { line } = this.#start;
      throw new StartupProblem(
        `The referral that begins in line ${line} is larger than 16 MB. Look for a bracket that is not closed.`,
      );
    }
    this.#pieces.push(this.#chunk.slice(this.#from, end));
    this.#from = end;
  }

  #endLine(at: number): void {
    this.#line += 1;
    this.#at = at + 1;
    this.#lineBegin = this.#before + at + 1;
  }

  #fault(message: string): void {
    this.#found.push({ message, ...this.#place() });
  }

  #place(): { line: number; column: number } {
    return { line: this.#line, column: this.#before + this.#at - this.#lineBegin + 1 };
  }
}
