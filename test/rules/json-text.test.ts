import { compactJson, type JsonNode, parseJson, positionOf } from '@cosell/model';
import fc from 'fast-check';
import { type Node, parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { anyJson } from '../support/captures.ts';
import { exactJson } from '../support/exact-json.ts';

/** Code and place of each fault. */
function faultsOf(text: string): string[] {
  const parsed = parseJson(text);
  if (!('faults' in parsed)) return [];
  return parsed.faults.map(({ code, offset }) => {
    const { line, column } = positionOf(text, offset);
    return `${code} ${line}:${column}`;
  });
}

describe('text that is not JSON', () => {
  it.each([
    ['', 'invalidJson 1:1', /empty/],
    ['  \n ', 'invalidJson 2:2', /empty/],
    ['{"a":1,}', 'invalidJson 1:8', /Remove the comma before "}"/],
    ['[1,\n]', 'invalidJson 2:1', /Remove the comma before "]"/],
    ['{}\n// note', 'invalidJson 2:1', /no comments/],
    ['/* note */{}', 'invalidJson 1:1', /no comments/],
    ['{"a":/**/1}', 'invalidJson 1:6', /no comments/],
    ['{"a" 1}', 'invalidJson 1:6', /colon/],
    ['[1 2]', 'invalidJson 1:4', /comma/],
    ['{"a":1', 'invalidJson 1:7', /closing brace/],
    ['[1', 'invalidJson 1:3', /closing bracket/],
    ['{} {}', 'invalidJson 1:4', /end here/],
    ['"open', 'invalidJson 1:1', /not closed/],
    ['["a\nb"]', 'invalidJson 1:2', /not closed/],
    ['"a\tb"', 'invalidJson 1:1', /control character/],
    ['"\\x41"', 'invalidJson 1:1', /escape/],
    ['"\\u12"', 'invalidJson 1:1', /escape/],
    ['{a:1}', 'invalidJson 1:2', /./],
    ["{'a':1}", 'invalidJson 1:2', /./],
    ['[1,,2]', 'invalidJson 1:4', /./],
    ['01', 'invalidJson 1:2', /./],
    ['-', 'invalidJson 1:1', /./],
    ['+1', 'invalidJson 1:1', /./],
    ['.5', 'invalidJson 1:1', /./],
    ['5.', 'invalidJson 1:1', /no JSON number/],
    ['1e', 'invalidJson 1:1', /no JSON number/],
    ['NaN', 'invalidJson 1:1', /./],
    ['True', 'invalidJson 1:1', /./],
    ['undefined', 'invalidJson 1:1', /./],
    ['[1}', 'invalidJson 1:3', /./],
    ['{"a":[1}', 'invalidJson 1:8', /./],
    [']', 'invalidJson 1:1', /./],
    ['{\u00a0}', 'invalidJson 1:2', /./],
    ['[\f]', 'invalidJson 1:2', /./],
  ])('%j is refused where it goes wrong', (text, place, message) => {
    const parsed = parseJson(text);
    expect(faultsOf(text)).toEqual([place]);
    expect('faults' in parsed && parsed.faults[0]?.message).toMatch(message);
  });

  it('is refused wherever JSON.parse refuses it, and nowhere else', () => {
    const nearJson = fc.oneof(
      anyJson,
      fc
        .tuple(anyJson, fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', '\n', '0', ' ', '/', ':', '\t'))
        .map(
          ([text, at, piece]) =>
            text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
        ),
    );
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(nearJson, (text) => {
        expect(faultsOf(text).some((fault) => fault.startsWith('invalidJson'))).toBe(!isJson(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('JSON that is well-formed but not accepted', () => {
  it.each([
    ['{"a":1,"a":1}', ['duplicateMember 1:8 /a']],
    ['{"a":1,"\\u0061":2}', ['duplicateMember 1:8 /a']],
    ['{"x":[{"y":{"a":1,\n  "a":2,"a":3}}]}', ['duplicateMember 2:3 /x/0/y/a', 'duplicateMember 2:9 /x/0/y/a']],
    ['{"__proto__":1,"__proto__":2}', ['duplicateMember 1:16 /__proto__']],
    ['{"a/b~c":{"d":1,"d":2}}', ['duplicateMember 1:17 /a~1b~0c/d']],
    ['["\\u0000"]', ['invalidText 1:2 /0']],
    ['{"a\\u0000":1}', ['invalidText 1:2 /a\0']],
    ['{"a":["x","\\ud83d"]}', ['invalidText 1:11 /a/1']],
    ['{"a":"\\udc00\\ud800","b":"\\udfff"}', ['invalidText 1:6 /a', 'invalidText 1:25 /b']],
    ['"\ud800"', ['invalidText 1:1 ']],
    // Half of a character is escaped and half is not: put together, the value is whole.
    ['["\\ud83d\ude00"]', ['invalidText 1:9 ']],
    ['["\ud83d\\ude00"]', ['invalidText 1:3 ']],
  ])('%j', (text, expected) => {
    const parsed = parseJson(text);
    const faults = 'faults' in parsed ? parsed.faults : [];
    const places = faults.map(({ code, offset, pointer = '' }) => {
      const { line, column } = positionOf(text, offset);
      return `${code} ${line}:${column} ${pointer}`;
    });
    expect(places).toEqual(expected);
  });

  it.each([
    '{"a":1,"A":1}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":1}}}',
    '"\\ud83d\\ude00"',
    '"\u2028\u2029"',
    '"\\u0001"',
    '"\x7f"',
  ])('%j is fine', (text) => {
    expect(faultsOf(text)).toEqual([]);
  });
});

describe('depth', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const megabyte = 1 << 20;

  it.each([
    ['64 levels of lists are read', nested(64), []],
    ['65 are not', nested(65), ['tooDeep 1:1']],
    ['64 levels of objects are read', `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`, []],
    ['65 are not, whatever stands in them', `${'{"a":['.repeat(32)}{}${']}'.repeat(32)}`, ['tooDeep 1:1']],
    ['brackets in a text do not count', `["${'['.repeat(100)}","\\"${'{'.repeat(100)}"]`, []],
    ['many lists side by side do not count', `[${'[],'.repeat(1_000)}[]]`, []],
  ])('%s', (_title, text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  // The parser recurses once a level and goes on after a fault: each of these once ended the process.
  it.each([
    ['open brackets', '['.repeat(megabyte), 'tooDeep 1:1'],
    ['open braces', '{"":'.repeat(megabyte / 4), 'tooDeep 1:1'],
    ['brackets behind a comment with a quotation mark', `/*"*/${'['.repeat(megabyte)}`, 'invalidJson 1:1'],
    ['brackets behind a line comment with one', `[//"\n${'['.repeat(megabyte)}`, 'invalidJson 1:2'],
    ['brackets behind a text that a line break ends', `["a\n,${'['.repeat(megabyte)}`, 'invalidJson 1:2'],
    ['brackets behind a text that a carriage return ends', `["a\r,${'['.repeat(megabyte)}`, 'invalidJson 1:2'],
    ['brackets between braces that close nothing', `[${'},['.repeat(megabyte / 3)}`, 'invalidJson 1:2'],
    ['brackets behind too many closing ones', `{"a":${']'.repeat(1_000)},${'['.repeat(megabyte)}`, 'invalidJson 1:6'],
    ['brackets behind an escaped line break', `["a\\\n",${'['.repeat(megabyte)}`, 'tooDeep 1:1'],
    ['closing brackets', ']'.repeat(megabyte), 'invalidJson 1:1'],
    ['quotation marks', '"'.repeat(megabyte), 'invalidJson 1:3'],
  ])('a megabyte of %s is refused and harms nothing', (_title, text, expected) => {
    expect(faultsOf(text)).toEqual([expected]);
  });
});

describe('the one-pass reader', () => {
  interface Place {
    readonly type: string;
    readonly offset: number;
    readonly length: number;
    readonly value: unknown;
    readonly below: readonly unknown[];
  }

  function ours({ type, offset, length, value, members, items }: JsonNode): Place {
    const below = [...items.map(ours), ...members.map((member) => [member.name, member.offset, ours(member.value)])];
    return { type, offset, length, value, below };
  }

  function theirs({ type, offset, length, value, children = [] }: Node): Place {
    const below = children.map((child) => {
      const [name, content] = child.children ?? [];
      return child.type !== 'property' || name === undefined || content === undefined
        ? theirs(child)
        : [name.value, name.offset, theirs(content)];
    });
    return { type, offset, length, value: type === 'string' || type === 'boolean' ? value : null, below };
  }

  it('finds the values and places that a reader of many passes finds', () => {
    fc.assert(
      fc.property(anyJson, (text) => {
        const parsed = parseJson(text);
        const tree = parseTree(text);
        if ('faults' in parsed || tree === undefined) throw new Error('JSON is not read');
        expect(ours(parsed.root)).toEqual(theirs(tree));
      }),
      { numRuns: 500 },
    );
  });
});

describe('writing a value again', () => {
  it.each([
    ['{ "a" : [ 1.50 , 1E400 , -0 ] , "b" : null }', '{"a":[1.50,1E400,-0],"b":null}'],
    ['12345678901234567890.123', '12345678901234567890.123'],
    ['{"__proto__":{"constructor":1}}', '{"__proto__":{"constructor":1}}'],
    ['"\\u00e9\\/\u2028"', '"é/\u2028"'],
    ['{"b":1,"a":2,"1":3}', '{"b":1,"a":2,"1":3}'],
  ])('%s', (text, expected) => {
    const parsed = parseJson(text);
    expect('root' in parsed && compactJson(text, parsed.root)).toBe(expected);
  });

  it('changes nothing but white space and escapes', () => {
    fc.assert(
      fc.property(anyJson, (text) => {
        const parsed = parseJson(text);
        if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
        expect(exactJson(compactJson(text, parsed.root))).toEqual(exactJson(text));
      }),
    );
  });
});

describe('the position of an offset', () => {
  it.each([
    ['', 0, 1, 1],
    ['abc', 2, 1, 3],
    ['a\nbc', 2, 2, 1],
    ['a\r\nbc', 4, 2, 2],
    ['\n\n', 2, 3, 1],
    ['😀x', 2, 1, 3],
  ])('%j at %i is line %i, column %i', (text, offset, line, column) => {
    expect(positionOf(text, offset)).toEqual({ line, column });
  });
});
