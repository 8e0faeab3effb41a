import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { deepest, type JsonNode, readTree } from './json-tree.ts';

/** A fault of the text itself. */
export interface JsonFault {
  readonly code: 'invalidJson' | 'duplicateMember' | 'invalidText' | 'tooDeep';
  readonly message: string;
  readonly offset: number;
  /** JSON pointer, where the fault has one. */
  readonly pointer?: string;
}

/**
 * Reads JSON strictly (RFC 8259, decision 33): no comment, no trailing comma, no duplicate name, no U+0000 and no lone
 * surrogate. Numbers keep their digits: read them with `numberText`.
 */
export function parseJson(text: string, depth = deepest): { root: JsonNode } | { faults: JsonFault[] } {
  const root = readTree(text, depth);
  return root === undefined ? { faults: faultsOf(text, depth) } : { root };
}

/** Says why a text is not read. */
function faultsOf(text: string, depth: number): JsonFault[] {
  const sound = soundLength(text, depth);
  if (sound === 'tooDeep') {
    return [{ code: 'tooDeep', message: `Nested more than ${depth} levels deep.`, offset: 0 }];
  }
  const errors: ParseError[] = [];
  const root = parseTree(text.slice(0, sound), errors, { disallowComments: true, allowTrailingComma: false });
  const [error] = errors;
  if (error !== undefined || root === undefined) {
    const offset = error?.offset ?? 0;
    return [{ code: 'invalidJson', message: describe(text, error), offset }];
  }
  const faults: JsonFault[] = [];
  examine(root, '', faults);
  if (faults.length > 0) return faults;
  // The halves of one character, one of them escaped, are whole for this reader; the text itself is not.
  const half = text.search(/\p{Surrogate}/u);
  // Else the two readers agree (`test/rules/json-text.test.ts`), so there is always a fault to be found.
  if (half < 0) throw new Error('a text is not read, and no fault is found in it');
  return [{ code: 'invalidText', message: halfCharacter, offset: half }];
}

/** The digits of a number as they stand in the text. */
export function numberText(text: string, node: JsonNode): string {
  return text.slice(node.offset, node.offset + node.length);
}

/** Writes a parsed value again, without white space and with every digit of its numbers. */
export function compactJson(text: string, node: JsonNode): string {
  if (node.type === 'number') return numberText(text, node);
  if (node.type === 'array') return `[${node.items.map((item) => compactJson(text, item)).join(',')}]`;
  if (node.type !== 'object') return JSON.stringify(node.value);
  return `{${node.members.map(({ name, value }) => `${JSON.stringify(name)}:${compactJson(text, value)}`).join(',')}}`;
}

/** One step of a JSON pointer, escaped (RFC 6901, section 3). */
export function pointerStep(name: string | number): string {
  const text = String(name);
  return /[~/]/.test(text) ? `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}` : `/${text}`;
}

/** Line and column of an offset, both counted from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function examine(node: Node, pointer: string, faults: JsonFault[]): void {
  if (node.type === 'string') examineText(String(node.value), node, pointer, faults);
  if (node.type === 'array') {
    for (const [index, item] of (node.children ?? []).entries()) examine(item, pointer + pointerStep(index), faults);
  }
  if (node.type !== 'object') return;
  const seen = new Set<string>();
  for (const { children: [nameNode, value] = [] } of node.children ?? []) {
    if (nameNode === undefined || value === undefined) continue;
    const name = String(nameNode.value);
    const place = pointer + pointerStep(name);
    if (seen.has(name)) {
      const message = `The member "${name}" stands here twice; keep one of them.`;
      faults.push({ code: 'duplicateMember', message, offset: nameNode.offset, pointer: place });
    }
    seen.add(name);
    examineText(name, nameNode, place, faults);
    examine(value, place, faults);
  }
}

const halfCharacter = 'Text must be well-formed Unicode; a lone surrogate is half a character.';

function examineText(value: string, node: Node, pointer: string, faults: JsonFault[]): void {
  if (value.includes('\0')) {
    const message = 'Text must not contain U+0000; leave it out.';
    faults.push({ code: 'invalidText', message, offset: node.offset, pointer });
  } else if (!value.isWellFormed()) {
    faults.push({ code: 'invalidText', message: halfCharacter, offset: node.offset, pointer });
  }
}

/**
 * How much of a text the parser may see, so that a hostile depth never reaches its recursion: brackets are counted
 * outside of strings. The parser goes on after a fault and then counts otherwise, so the text is cut behind the first
 * comment, broken string or bracket without its partner; the fault itself is still in what is left.
 */
function soundLength(text: string, depth: number): number | 'tooDeep' {
  const closers: number[] = [];
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (isInText) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) isInText = false;
      else if (char === 0x0a || char === 0x0d) return at + 1;
    } else if (char === 0x22) isInText = true;
    else if (char === 0x7b || char === 0x5b) {
      // "}" and "]" stand two after their partners in ASCII.
      if (closers.push(char + 2) > depth) return 'tooDeep';
    } else if (char === 0x7d || char === 0x5d) {
      if (closers.pop() !== char) return at + 1;
    } else if (char === 0x2f) return at + 2;
  }
  return text.length;
}

function describe(text: string, error: ParseError | undefined): string {
  const found = error === undefined ? '' : text.slice(error.offset, error.offset + 1);
  const before = error === undefined ? '' : text.slice(0, error.offset).trimEnd();
  if (before.endsWith(',') && (found === '}' || found === ']')) return `Remove the comma before "${found}".`;
  const isName = before.endsWith('{') && found !== '/';
  const code = error === undefined ? '' : isName ? 'PropertyNameExpected' : printParseErrorCode(error.error);
  const message = expectations[code];
  return (
    message ?? (text.trim() === '' ? 'The text is empty; a JSON value is expected.' : 'A JSON value is expected here.')
  );
}

const expectations: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'JSON has no comments; remove it.',
  UnexpectedEndOfString: 'A text is not closed; add its quotation mark.',
  InvalidCharacter: 'A text holds a control character; write it as an escape such as \\n.',
  InvalidEscapeCharacter: 'A text holds an escape that JSON does not know.',
  InvalidUnicode: 'A text holds an escape that JSON does not know.',
  PropertyNameExpected: 'A member name in quotation marks is expected here.',
  ColonExpected: 'A colon is expected here.',
  CommaExpected: 'A comma is expected here.',
  CloseBraceExpected: 'A closing brace "}" is expected here.',
  CloseBracketExpected: 'A closing bracket "]" is expected here.',
  EndOfFileExpected: 'The text should end here; something follows the JSON value.',
  UnexpectedEndOfNumber: 'This is no JSON number.',
};
