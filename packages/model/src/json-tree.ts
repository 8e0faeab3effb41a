/** A value in a text, with its place: `offset` and `length` in UTF-16 units. */
export interface JsonNode {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
  readonly offset: number;
  readonly length: number;
  /** A text without its escapes, or true or false; null for anything else. */
  readonly value: string | boolean | null;
  /** The members of an object, in order; empty for anything else. */
  readonly members: readonly JsonMember[];
  /** The items of a list, in order; empty for anything else. */
  readonly items: readonly JsonNode[];
}

/** A member of an object. */
export interface JsonMember {
  readonly name: string;
  /** Where its name begins. */
  readonly offset: number;
  readonly value: JsonNode;
}

/** Depth that every document of the API stays far below; the reader recurses once a level. */
export const deepest = 64;

/**
 * Reads what `parseJson` accepts, in one pass. Undefined for any other text; `jsonc-parser`, which goes on after a
 * fault, says what is wrong with it. With both the instructions for reading a captured referral fell from 993 to 319
 * thousand (`perf stat -e instructions:u` on `readReferral` of the bench's data).
 */
export function readTree(text: string, depth = deepest): JsonNode | undefined {
  // Half a character that is escaped is found where it stands.
  return text.isWellFormed() ? new TreeReader(text, depth).read() : undefined;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const closeBracket = 0x5d;
const closeBrace = 0x7d;

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words = { true: true, false: false, null: null } as const;
const none: readonly never[] = [];

/** Members up to which names are compared one by one, which is sooner done than a set is made. */
const fewMembers = 8;

class TreeReader {
  readonly #text: string;
  readonly #most: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, most: number) {
    this.#text = text;
    this.#most = most;
  }

  read(): JsonNode | undefined {
    const root = this.#readValue();
    return this.#nextCode() === undefined ? root : undefined;
  }

  /** The next code that is no white space, which stays to be read; undefined at the end. */
  #nextCode(): number | undefined {
    const text = this.#text;
    for (; this.#at < text.length; this.#at += 1) {
      const code = text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
    }
    return undefined;
  }

  #readValue(): JsonNode | undefined {
    const code = this.#nextCode();
    const offset = this.#at;
    switch (code) {
      case quote: {
        const value = this.#readText();
        if (value === undefined) return undefined;
        return { type: 'string', offset, length: this.#at - offset, value, members: none, items: none };
      }
      case 0x7b:
        return this.#readObject(offset);
      case 0x5b:
        return this.#readList(offset);
      case 0x74:
        return this.#readWord('true', offset);
      case 0x66:
        return this.#readWord('false', offset);
      case 0x6e:
        return this.#readWord('null', offset);
      default:
        return this.#readNumber(offset);
    }
  }

  /** Steps into an object or a list; false where it lies too deep. Nothing is read on after a refusal. */
  #enter(): boolean {
    this.#at += 1;
    this.#depth += 1;
    return this.#depth <= this.#most;
  }

  #readObject(offset: number): JsonNode | undefined {
    if (!this.#enter()) return undefined;
    const members: JsonMember[] = [];
    if (this.#nextCode() === closeBrace) this.#at += 1;
    else {
      for (;;) {
        if (this.#nextCode() !== quote) return undefined;
        const place = this.#at;
        const name = this.#readText();
        if (name === undefined || this.#nextCode() !== colon) return undefined;
        this.#at += 1;
        const value = this.#readValue();
        if (value === undefined) return undefined;
        members.push({ name, offset: place, value });
        const code = this.#nextCode();
        this.#at += 1;
        if (code === closeBrace) break;
        if (code !== comma) return undefined;
      }
    }
    this.#depth -= 1;
    if (hasTwins(members)) return undefined;
    return { type: 'object', offset, length: this.#at - offset, value: null, members, items: none };
  }

  #readList(offset: number): JsonNode | undefined {
    if (!this.#enter()) return undefined;
    const items: JsonNode[] = [];
    if (this.#nextCode() === closeBracket) this.#at += 1;
    else {
      for (;;) {
        const item = this.#readValue();
        if (item === undefined) return undefined;
        items.push(item);
        const code = this.#nextCode();
        this.#at += 1;
        if (code === closeBracket) break;
        if (code !== comma) return undefined;
      }
    }
    this.#depth -= 1;
    return { type: 'array', offset, length: this.#at - offset, value: null, members: none, items };
  }

  /** Reads a text from its first quotation mark to behind its last. */
  #readText(): string | undefined {
    const text = this.#text;
    const from = this.#at + 1;
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return text.slice(from, at);
      }
      if (code === backslash) return this.#readEscaped(from, at);
      if (code < 0x20) return undefined;
    }
    return undefined;
  }

  /** Reads a text that has escapes, the first of them at a place. */
  #readEscaped(from: number, firstEscape: number): string | undefined {
    const text = this.#text;
    let end = firstEscape;
    while (end < text.length && text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === backslash ? 2 : 1;
    this.#at = end + 1;
    try {
      const value = JSON.parse(text.slice(from - 1, end + 1)) as string;
      return value.isWellFormed() && !value.includes('\0') ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #readWord(word: keyof typeof words, offset: number): JsonNode | undefined {
    if (!this.#text.startsWith(word, offset)) return undefined;
    this.#at += word.length;
    const value = words[word];
    const type = value === null ? 'null' : 'boolean';
    return { type, offset, length: word.length, value, members: none, items: none };
  }

  #readNumber(offset: number): JsonNode | undefined {
    numberForm.lastIndex = offset;
    if (!numberForm.test(this.#text)) return undefined;
    this.#at = numberForm.lastIndex;
    return { type: 'number', offset, length: this.#at - offset, value: null, members: none, items: none };
  }
}

function hasTwins(members: readonly JsonMember[]): boolean {
  if (members.length > fewMembers) return new Set(members.map(({ name }) => name)).size < members.length;
  for (let one = 1; one < members.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      if (members[one]?.name === members[other]?.name) return true;
    }
  }
  return false;
}
