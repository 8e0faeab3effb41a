import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Captured } from '../../packages/cli/dist/captured.js';
import { RecordSplitter } from '../../packages/cli/dist/captured-records.js';

/** Splits a text that comes in pieces of the given lengths, over and over. */
function split(text: string, lengths: readonly number[] = [text.length || 1]): Captured[] {
  const splitter = new RecordSplitter();
  const found: Captured[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    found.push(...splitter.push(text.slice(at, at + length)));
    at += length;
  }
  return [...found, ...splitter.end()];
}

const textsOf = (found: readonly Captured[]) =>
  found.map((one) => ('text' in one ? one.text : `fault: ${one.message}`));
const linesOf = (found: readonly Captured[]) => found.map(({ line }) => line);

/** Any JSON value; texts are full of what means something outside of them. */
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1.5, 1e21),
    fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\n', ' ', 'a', 'é', '𝄞', 'value') }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('value', 'a', '"', '{', '@odata.nextLink', ''), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** What stands alone: a list would be taken apart, and so would a list answer. */
const document = fc
  .dictionary(fc.constantFrom('id', 'valve', 'Value', 'a', '"value"'), value, { maxKeys: 4 })
  .chain((record) => fc.constantFrom(record, { ...record, value: 'text' }, { inner: { value: [record] } }));

const indent = fc.constantFrom(0, 1, 2, '\t');
const eol = fc.constantFrom('\n', '\r\n');
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

/** The frames: each gives the text around the values. */
const frames: Record<string, fc.Arbitrary<{ values: unknown[]; text: string }>> = {
  'one document': fc
    .tuple(document, indent)
    .map(([record, by]) => ({ values: [record], text: JSON.stringify(record, null, by) })),
  array: fc.tuple(fc.array(value), indent).map(([values, by]) => ({ values, text: JSON.stringify(values, null, by) })),
  'list answer': fc
    .tuple(fc.array(value), indent, fc.boolean(), fc.constantFrom('@odata.nextLink', '"', 'x{'), value)
    .map(([values, by, isBefore, name, other]) => {
      const others = { '@odata.context': '…/$metadata#Referrals', [name]: other, inner: { value: [1] } };
      const answer = isBefore ? { ...others, value: values } : { value: values, ...others };
      return { values, text: JSON.stringify(answer, null, by) };
    }),
  'documents one after the other': fc
    .tuple(fc.array(document), fc.constantFrom(1, 2, '\t'), fc.constantFrom('\n', '\n\n', ' ', '', '\n\uFEFF'))
    .map(([values, by, between]) => ({
      values,
      text: values.map((record) => JSON.stringify(record, null, by)).join(between),
    })),
  lines: fc
    .tuple(fc.array(fc.tuple(document, fc.constantFrom('', ' ', '\n', '\n \n'))), fc.boolean())
    .map(([rows, isEnded]) => ({
      values: rows.map(([record]) => record),
      text: rows.map(([record, gap]) => `${JSON.stringify(record)}${gap}`).join('\n') + (isEnded ? '\n' : ''),
    })),
};

describe('any list of JSON values, in any chunks, gives the same records with their lines', () => {
  it.each(Object.keys(frames))('in the frame: %s', (name) => {
    fc.assert(
      fc.property(
        frames[name] ?? fc.constant({ values: [], text: '' }),
        eol,
        lengths,
        ({ values, text }, end, pieces) => {
          const given = text.replaceAll('\n', end);
          const found = split(given, pieces);
          expect(textsOf(found).map((one) => JSON.parse(one) as unknown)).toEqual(
            JSON.parse(JSON.stringify(values)) as unknown,
          );
          // Each record stands where it says that it does.
          const lines = given.split('\n');
          for (const one of found) {
            const rest = lines
              .slice(one.line - 1)
              .join('\n')
              .slice(one.column - 1);
            expect('text' in one && rest.startsWith(one.text)).toBe(true);
          }
          expect(found).toEqual(split(given));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('and any text at all gives the same in any chunks, and ends', () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]",:\\\n \tav1'), maxLength: 60 });
    fc.assert(
      fc.property(text, lengths, (given, pieces) => {
        expect(split(given, pieces)).toEqual(split(given));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('pages that were saved one after the other', () => {
  it('are one file: answers on lines, and arrays', () => {
    const pages =
      '{"value":[{"a":1},{"a":2}],"@odata.nextLink":"x"}\n{"value":[{"a":3}]}\n[{"a":4}]\n[]\n{"value":[]}\n';
    expect(textsOf(split(pages))).toEqual(['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}']);
    expect(linesOf(split(pages))).toEqual([1, 1, 2, 3]);
  });
});

describe('a broken record costs itself and no other', () => {
  it.each([
    ['a line that is cut off in a text', '{"a":1}\n{"a":"x\n{"a":3}', ['{"a":1}', '{"a":"x', '{"a":3}']],
    ['a line that is cut off after a colon', '{"a":1}\n{"a":\n{"a":3}', ['{"a":1}', '{"a":', '{"a":3}']],
    ['a line that is cut off in a list', '{"a":1}\n{"a":[1,\n{"a":3}', ['{"a":1}', '{"a":[1,', '{"a":3}']],
    ['a first line that is cut off', '{"a":{"b":1}\n{"a":2}\n{"a":3}', ['{"a":{"b":1}', '{"a":2}', '{"a":3}']],
    ['a line with a bracket too many', '{"a":1}\n{"a":2}}\n{"a":3}', ['{"a":1}', '{"a":2}', '}', '{"a":3}']],
    ['a line that is no JSON', '{"a":1}\nhello, world\n{"a":3}', ['{"a":1}', 'hello, world', '{"a":3}']],
    ['an item without its end', '[\n  {"a":{"b":1},\n  {"a":2}\n]', ['{"a":{"b":1},', '{"a":2}']],
    ['a text with a line break in it', '[\n{"a":"x\ny"},\n{"a":2}\n]', ['{"a":"x\ny"},', '{"a":2}']],
    ['a document before another', '{\n  "a": {\n    "b": 1\n  }\n{\n  "a": 2\n}', ['{\n  "a": 2\n}']],
  ])('%s', (_title, text, last) => {
    expect(textsOf(split(text)).slice(-last.length)).toEqual(last);
  });
});

describe('a fault of the frame', () => {
  it.each([
    ['[{"a":1},]', 'fault: Remove the comma before "]".', 1, 10],
    ['{"value":[\n{"a":1}\n,\n]}', 'fault: Remove the comma before "]".', 4, 1],
    ['[{"a":1} {"a":2}]', 'fault: A comma is missing before this value.', 1, 10],
    ['[,{"a":1}]', 'fault: A value is expected before this comma; remove the comma.', 1, 2],
    ['[{"a":1},,{"a":2}]', 'fault: A value is expected before this comma; remove the comma.', 1, 10],
    ['[{"a":1}', 'fault: The list is not closed; the file may be cut off.', 1, 9],
    ['{"value":[{"a":1}]', 'fault: The list is not closed; the file may be cut off.', 1, 19],
    ['{"value":[{"a":1}],"@odata.nextLink":"ht', 'fault: The list is not closed; the file may be cut off.', 1, 41],
  ])('%s', (text, message, line, column) => {
    const found = split(text);
    expect(textsOf(found)).toContain(message);
    expect(found.filter((one) => 'message' in one)).toHaveLength(1);
    expect(found.find((one) => 'message' in one)).toMatchObject({ line, column });
  });

  it('is a record that never ends, before it fills the memory', () => {
    const splitter = new RecordSplitter();
    const fill = () => {
      for (let mega = 0; mega < 100; mega += 1) splitter.push(`${mega === 0 ? '\n{' : ''}${'"a":1,'.repeat(200_000)}`);
    };
    expect(fill).toThrow(/The referral that begins in line 2 is larger than 16 MB\. Look for a bracket/);
  });
});
