import { applyPatch, type PatchOperation, parsePointer, readOperations } from '@cosell/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** What a patch makes of a document, or the code with which it is refused. */
function patched(document: unknown, operations: readonly PatchOperation[]): unknown {
  const outcome = applyPatch(document, operations);
  return 'fault' in outcome ? { refused: outcome.fault.code } : outcome.document;
}

const refused = (code: string) => ({ refused: code });
const add = (path: string, value: unknown): PatchOperation => ({ op: 'add', path, value });
const replace = (path: string, value: unknown): PatchOperation => ({ op: 'replace', path, value });
const test = (path: string, value: unknown): PatchOperation => ({ op: 'test', path, value });
const remove = (path: string): PatchOperation => ({ op: 'remove', path });
const move = (from: string, path: string): PatchOperation => ({ op: 'move', from, path });
const copy = (from: string, path: string): PatchOperation => ({ op: 'copy', from, path });

type Row = readonly [title: string, document: unknown, operations: readonly PatchOperation[], expected: unknown];

describe('a JSON pointer', () => {
  it.each<[string, string[] | undefined]>([
    ['', []],
    ['/', ['']],
    ['//', ['', '']],
    ['/a/b', ['a', 'b']],
    ['/a~1b/m~0n', ['a/b', 'm~n']],
    ['/~01', ['~1']],
    ['/~00', ['~0']],
    ['/-', ['-']],
    ['/ /%20', [' ', '%20']],
    ['/é/😀', ['é', '😀']],
    ['a', undefined],
    ['#/a', undefined],
    ['/~', undefined],
    ['/a~2', undefined],
    ['/~/0', undefined],
  ])('%j is read as %j', (text, steps) => {
    expect(parsePointer(text)).toEqual(steps);
  });

  it('comes back from whatever names it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        const text = names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(parsePointer(text)).toEqual(names);
      }),
    );
  });
});

describe('the whole document', () => {
  it.each<Row>([
    ['is replaced by null', { a: 1 }, [replace('', null)], null],
    ['is replaced by a list', { a: 1 }, [replace('', [])], []],
    ['is replaced by an object', null, [replace('', {})], {}],
    ['is replaced by a scalar', [], [replace('', 'text')], 'text'],
    ['is set by an addition', { a: 1 }, [add('', [1])], [1]],
    ['goes on being patched after that', 1, [add('', {}), add('/a', []), add('/a/-', 2)], { a: [2] }],
    ['becomes its own part by a move', { a: { b: 1 } }, [move('/a', '')], { b: 1 }],
    ['becomes its own part by a copy', { a: [1] }, [copy('/a', '')], [1]],
    ['is copied into itself', { a: 1 }, [copy('', '/b')], { a: 1, b: { a: 1 } }],
    ['is tested', { a: [1, null] }, [test('', { a: [1, null] })], { a: [1, null] }],
    ['is not removed', { a: 1 }, [remove('')], refused('notRemovable')],
    ['is not moved into its part', { a: {} }, [move('', '/a/b')], refused('movedIntoItself')],
    ['moves to where it is', { a: 1 }, [move('', '')], { a: 1 }],
    ['may be a scalar that has no members', 'text', [add('/0', 'x')], refused('pathNotFound')],
  ])('%s', (_title, document, operations, expected) => {
    expect(patched(document, operations)).toEqual(expected);
  });
});

describe('members of objects', () => {
  it.each<Row>([
    ['are added', {}, [add('/a', 1)], { a: 1 }],
    ['are overwritten by an addition', { a: 1 }, [add('/a', null)], { a: null }],
    ['may have an empty name', { '': 1 }, [replace('/', 2), add('//', 3)], refused('pathNotFound')],
    ['may have names of digits', { 0: 'a', '01': 'b' }, [replace('/01', 'c'), remove('/0')], { '01': 'c' }],
    ['may be named "-"', { '-': 1 }, [replace('/-', 2)], { '-': 2 }],
    ['may have slashes and tildes', { 'a/b': 1, 'm~n': 2 }, [remove('/a~1b'), replace('/m~0n', 3)], { 'm~n': 3 }],
    ['differ by case', { a: 1 }, [remove('/A')], refused('pathNotFound')],
    ['are there when they are null', { a: null }, [replace('/a', 1)], { a: 1 }],
    ['are not below null', { a: null }, [add('/a/b', 1)], refused('pathNotFound')],
    ['are not replaced when they are missing', {}, [replace('/a', 1)], refused('pathNotFound')],
    ['are not removed when they are missing', {}, [remove('/a')], refused('pathNotFound')],
    ['are not made on the way', {}, [add('/a/b', 1)], refused('pathNotFound')],
    ['are not below a text', { a: 'text' }, [add('/a/length', 1)], refused('pathNotFound')],
    ['are not below a number', { a: 1 }, [add('/a/b', 1)], refused('pathNotFound')],
    ['move to where they are', { a: 1, b: 2 }, [move('/a', '/a')], { a: 1, b: 2 }],
    ['move over others', { a: 1, b: 2 }, [move('/a', '/b')], { b: 1 }],
    ['move out of their parent', { a: { b: 1 } }, [move('/a/b', '/a')], { a: 1 }],
    ['do not move into themselves', { a: { b: 1 } }, [move('/a', '/a/b')], refused('movedIntoItself')],
    ['move beside a name that begins alike', { a: 1, ab: {} }, [move('/a', '/ab/c')], { ab: { c: 1 } }],
    ['do not move when they are missing', { b: 1 }, [move('/a', '/b')], refused('pathNotFound')],
    ['are not copied when they are missing', {}, [copy('/a', '/b')], refused('pathNotFound')],
  ])('%s', (_title, document, operations, expected) => {
    expect(patched(document, operations)).toEqual(expected);
  });

  it('keep their order when one is replaced', () => {
    expect(JSON.stringify(patched({ a: 1, b: 2, c: 3 }, [replace('/b', 4), add('/a', 5)]))).toBe('{"a":5,"b":4,"c":3}');
  });
});

describe('items of lists', () => {
  it.each<Row>([
    ['are put in before the one at the index', [1, 3], [add('/1', 2)], [1, 2, 3]],
    ['are added at the end by the length', [1], [add('/1', 2)], [1, 2]],
    ['are added at the end by "-"', [1], [add('/-', [2, 3])], [1, [2, 3]]],
    ['are not added behind the end', [1], [add('/2', 3)], refused('invalidIndex')],
    ['are removed', [1, 2, 3], [remove('/1')], [1, 3]],
    ['are not there at "-"', [1], [remove('/-')], refused('invalidIndex')],
    ['are not replaced at "-"', [1], [replace('/-', 2)], refused('invalidIndex')],
    ['are not tested at "-"', [1], [test('/-', 1)], refused('invalidIndex')],
    ['are not below "-"', [{}], [add('/-/a', 1)], refused('invalidIndex')],
    ['are not replaced at the length', [1], [replace('/1', 2)], refused('invalidIndex')],
    ['have no negative index', [1], [add('/-1', 2)], refused('invalidIndex')],
    ['have no index with a leading zero', [1, 2], [test('/00', 1)], refused('invalidIndex')],
    ['have no index with a sign', [1, 2], [replace('/+1', 3)], refused('invalidIndex')],
    ['have no index with an exponent', [1, 2], [copy('/1e0', '/0')], refused('invalidIndex')],
    ['have no index with a fraction', [1, 2], [remove('/1.0')], refused('invalidIndex')],
    ['have no index with a space', [1, 2], [remove('/ 1')], refused('invalidIndex')],
    ['have no index without digits', [1, 2], [add('/', 3)], refused('invalidIndex')],
    ['have no digits of another script', [1, 2], [remove('/١')], refused('invalidIndex')],
    ['have no index beyond all numbers', [1], [add(`/${'9'.repeat(400)}`, 2)], refused('invalidIndex')],
    ['have no property "length"', [1], [replace('/length', 0)], refused('invalidIndex')],
    ['move down, counted after the removal', [1, 2, 3], [move('/0', '/2')], [2, 3, 1]],
    ['do not move to the former length', [1, 2, 3], [move('/0', '/3')], refused('invalidIndex')],
    ['move up', [1, 2, 3], [move('/2', '/0')], [3, 1, 2]],
    ['move to the end', [1, 2, 3], [move('/0', '/-')], [2, 3, 1]],
    ['move to where they are', [1, 2, 3], [move('/1', '/1')], [1, 2, 3]],
    ['are copied to the end', [{ a: 1 }], [copy('/0', '/-')], [{ a: 1 }, { a: 1 }]],
    ['may be null', [null], [test('/0', null), replace('/0', [])], [[]]],
    ['are counted anew after each operation', [1, 2, 3, 4], [remove('/0'), remove('/0'), add('/0', 0)], [0, 3, 4]],
  ])('%s', (_title, document, operations, expected) => {
    expect(patched(document, operations)).toEqual(expected);
  });
});

describe('a test', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['takes 1 and 1.0 for one number', 1, Number('1.0'), true],
    ['takes 0 and -0 for one number', 0, -0, true],
    ['takes 1 and 1e0 for one number', 1, Number('1e0'), true],
    ['compares big integers by value', 10n, 10n, true],
    ['compares big integers with numbers by value', 10n, 10, true],
    ['sees that one digit differs', 9_007_199_254_740_993n, 9_007_199_254_740_992n, false],
    ['knows text from number', '10', 10, false],
    ['knows text from big integer', '10', 10n, false],
    ['knows null from false', null, false, false],
    ['knows null from an object', null, {}, false],
    ['knows an empty list from an empty object', [], {}, false],
    ['knows an object with digits from a list', { 0: 'a' }, ['a'], false],
    ['does not mind the order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['minds the order of items', [1, 2], [2, 1], false],
    ['minds a missing member', { a: 1, b: 2 }, { a: 1 }, false],
    ['minds another member', { a: 1 }, { a: 1, b: 2 }, false],
    ['minds a member of another name', { a: 1 }, { b: 1 }, false],
    ['minds a missing item', [1], [1, 2], false],
    ['looks into lists and objects', { a: [{ b: [null] }] }, { a: [{ b: [null] }] }, true],
    ['finds what differs far down', { a: [{ b: [null] }] }, { a: [{ b: [0] }] }, false],
    ['does not fold case', 'a', 'A', false],
    ['does not normalise text', '\u00e9', 'e\u0301', false],
    ['does not take an inherited member for one', {}, { constructor: Object }, false],
  ])('%s', (_title, value, tested, isSame) => {
    const expected = isSame ? { a: value } : refused('testFailed');
    expect(patched({ a: value }, [test('/a', tested)])).toEqual(expected);
  });

  it('that fails leaves nothing of the operations before it', () => {
    const document = { a: 1 };
    expect(applyPatch(document, [add('/b', 2), test('/a', 2)])).toEqual({
      fault: { index: 1, code: 'testFailed', pointer: '/a', message: expect.any(String) },
    });
    expect(document).toEqual({ a: 1 });
  });
});

describe('names that JavaScript inherits', () => {
  const own = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}') as object;

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s is not there by itself',
    (name) => {
      for (const operation of [remove, (path: string) => replace(path, 1), (path: string) => test(path, null)]) {
        expect(patched({}, [operation(`/${name}`)])).toEqual(refused('pathNotFound'));
      }
      expect(patched({}, [add(`/${name}/polluted`, true)])).toEqual(refused('pathNotFound'));
      expect(patched({}, [copy(`/${name}`, '/a')])).toEqual(refused('pathNotFound'));
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('%s is added as a member like any other', (name) => {
    const result = patched({}, [add(`/${name}`, { polluted: true })]) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe(`{"${name}":{"polluted":true}}`);
    expect('polluted' in {}).toBe(false);
  });

  it('are kept, changed and taken away where a document has them', () => {
    expect(JSON.stringify(patched(own, []))).toBe(JSON.stringify(own));
    const changed = patched(own, [
      replace('/__proto__/a', 2),
      remove('/constructor'),
      move('/toString', '/__proto__/b'),
    ]);
    expect(JSON.stringify(changed)).toBe('{"__proto__":{"a":2,"b":3}}');
    expect(JSON.stringify(patched({}, [add('', own)]))).toBe(JSON.stringify(own));
    expect(JSON.stringify(patched(own, [replace('/__proto__', null)]))).toContain('"__proto__":null');
  });
});

describe('values that are not JSON', () => {
  const marked = Symbol('marked');

  it('stay as leaves: maps, dates, undefined', () => {
    const [map, date] = [new Map([['a', 1]]), new Date(0)];
    const result = patched({ map, date, none: undefined, b: 1 }, [replace('/b', 2)]) as Record<string, unknown>;
    expect(result.map).toBe(map);
    expect(result.date).toBe(date);
    expect(Object.hasOwn(result, 'none')).toBe(true);
    expect(patched({ map }, [add('/map/a', 2)])).toEqual(refused('pathNotFound'));
    expect(patched({ map }, [test('/map', map)])).toEqual({ map });
    expect(patched({ map }, [test('/map', new Map([['a', 1]]))])).toEqual(refused('testFailed'));
  });

  it('come along under symbols, wherever the object goes', () => {
    const document = { a: { [marked]: 'kept', b: 1 }, [marked]: 'root' };
    const result = patched(document, [replace('/a/b', 2), copy('/a', '/c'), move('/a', '/d')]) as typeof document;
    expect(result).toEqual({ c: { [marked]: 'kept', b: 2 }, d: { [marked]: 'kept', b: 2 }, [marked]: 'root' });
    expect(document).toEqual({ a: { [marked]: 'kept', b: 1 }, [marked]: 'root' });
  });

  it('keep an object without a prototype as it is', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(Object.getPrototypeOf(patched(bare, [add('/b', 2)]))).toBeNull();
  });
});

describe('the shape of a patch', () => {
  it.each<[string, unknown, string[]]>([
    ['an object', {}, ['malformedPatch ']],
    ['a text', '[]', ['malformedPatch ']],
    ['null', null, ['malformedPatch ']],
    ['an operation that is no object', [1, null, []], ['malformedPatch /0', 'malformedPatch /1', 'malformedPatch /2']],
    ['no op', [{ path: '/a', value: 1 }], ['malformedPatch /0/op']],
    ['an op that is not known', [{ op: 'spam', path: '/a' }], ['malformedPatch /0/op']],
    ['an op in another case', [{ op: 'Add', path: '/a', value: 1 }], ['malformedPatch /0/op']],
    ['an op that is inherited', [{ op: 'toString', path: '/a' }], ['malformedPatch /0/op']],
    ['an op that is a list', [{ op: ['add'], path: '/a', value: 1 }], ['malformedPatch /0/op']],
    ['no path', [{ op: 'remove' }], ['malformedPatch /0/path']],
    ['a path that is null', [{ op: 'remove', path: null }], ['malformedPatch /0/path']],
    ['a path that is a number', [{ op: 'remove', path: 0 }], ['malformedPatch /0/path']],
    ['a path without a slash', [{ op: 'remove', path: 'a' }], ['malformedPointer /0/path']],
    ['a path with a stray tilde', [{ op: 'remove', path: '/~a' }], ['malformedPointer /0/path']],
    [
      'no value',
      [
        { op: 'add', path: '' },
        { op: 'replace', path: '' },
      ],
      ['malformedPatch /0/value', 'malformedPatch /1/value'],
    ],
    ['no value to test', [{ op: 'test', path: '/a' }], ['malformedPatch /0/value']],
    [
      'no from',
      [
        { op: 'move', path: '/a' },
        { op: 'copy', path: '/a' },
      ],
      ['malformedPatch /0/from', 'malformedPatch /1/from'],
    ],
    ['a from that is no pointer', [{ op: 'copy', path: '/a', from: 'b' }], ['malformedPointer /0/from']],
    [
      'several faults at once',
      [{ op: 'add' }, { op: 'remove', path: '/a' }, {}],
      ['malformedPatch /0/path', 'malformedPatch /0/value', 'malformedPatch /2/op', 'malformedPatch /2/path'],
    ],
  ])('is refused with %s', (_title, patch, expected) => {
    const reading = readOperations(patch);
    const faults = 'faults' in reading ? reading.faults : [];
    expect(faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(expected);
    const indexes = expected.map((text) => (text.endsWith(' ') ? undefined : Number(/\/(\d+)/.exec(text)?.[1])));
    expect(faults.map(({ index }) => index)).toEqual(indexes);
  });

  it.each<[string, unknown[]]>([
    ['no operation', []],
    ['a value that is null', [{ op: 'add', path: '/a', value: null }]],
    ['members that nobody knows', [{ op: 'remove', path: '/a', value: 1, from: 7, xyz: 1 }]],
    ['a path to the whole document', [{ op: 'replace', path: '', value: 1 }]],
  ])('is accepted with %s', (_title, patch) => {
    expect(readOperations(patch)).toEqual({ operations: patch });
  });

  it('is looked at again when a patch is applied unread', () => {
    expect(applyPatch({}, [add('/a', 1), add('b', 1)])).toMatchObject({
      fault: { index: 1, code: 'malformedPointer', pointer: '/1/path' },
    });
    expect(applyPatch({}, [move('b', '/a')])).toMatchObject({
      fault: { index: 0, code: 'malformedPointer', pointer: '/0/from' },
    });
  });
});

describe('a fault', () => {
  it.each<[PatchOperation, string]>([
    [add('/a~1b/c', 1), '/a~1b/c'],
    [copy('/x/y', '/z'), '/x/y'],
    [move('/list', '/list/0'), '/list/0'],
    [remove('/list/7'), '/list/7'],
  ])('of %j names the path that is to blame', (operation, pointer) => {
    expect(applyPatch({ list: [0] }, [test('', { list: [0] }), operation])).toMatchObject({
      fault: { index: 1, pointer },
    });
  });
});

describe('a hostile patch', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  it('of 10,000 operations is applied whole', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => add('/list/0', { at }));
    const result = patched({ list: [], other: 'x'.repeat(100_000) }, many) as { list: unknown[] };
    expect(result.list).toHaveLength(10_000);
    expect(result.list[0]).toEqual({ at: 9_999 });
  });

  it('does not double a document without end', () => {
    const doubling = Array.from({ length: 40 }, (_, at) => copy('', `/${at}`));
    expect(patched({ a: [1, 2, 3] }, doubling)).toEqual(refused('patchTooLarge'));
  });

  it.each<Row>([
    ['by an addition', {}, [add('/a', nested(64))], refused('tooDeep')],
    ['by a replacement', { a: 1 }, [replace('/a', nested(64))], refused('tooDeep')],
    ['by a copy', nested(33), [copy('', `${'/a'.repeat(33)}`)], refused('tooDeep')],
    [
      'by the copy of what was moved',
      { b: nested(40), c: nested(40) },
      [move('/b', `/c${'/a'.repeat(40)}`), copy('/c', '/d')],
      refused('tooDeep'),
    ],
    ['by a move', { b: nested(40), c: nested(40) }, [move('/b', `/c${'/a'.repeat(40)}`)], refused('tooDeep')],
  ])('does not nest a document deeper than one can be read: %s', (_title, document, operations, expected) => {
    expect(patched(document, operations)).toEqual(expected);
  });

  it('may nest it as deep as that', () => {
    expect(patched({}, [add('/a', nested(63))])).toEqual(nested(64));
    expect(patched({ b: nested(32), c: nested(31) }, [move('/b', `/c${'/a'.repeat(31)}`)])).toEqual({ c: nested(63) });
  });
});

describe('laws', () => {
  const document = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
  const stepOf = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

  /** Operations on names that documents often have, and on others. */
  const operations = fc.array(
    fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: fc.constantFrom('', '/a', '/b', '/a/0', '/a/-', '/a/b', '/b/a', '/__proto__'),
      from: fc.constantFrom('', '/a', '/b', '/a/0', '/b/a'),
      value: fc.jsonValue({ maxDepth: 2 }),
    }),
    { maxLength: 6 },
  ) as fc.Arbitrary<PatchOperation[]>;
  const target = fc.oneof(
    document,
    fc.record({ a: fc.array(fc.jsonValue({ maxDepth: 1 })), b: fc.record({ a: fc.jsonValue({ maxDepth: 1 }) }) }),
  );

  it('neither the document nor the patch is ever changed', () => {
    fc.assert(
      fc.property(target, operations, (value, patch) => {
        const before = JSON.stringify([value, patch]);
        const outcome = applyPatch(value, patch);
        if ('document' in outcome) applyPatch(outcome.document, [add('', {}), ...patch]);
        expect(JSON.stringify([value, patch])).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });

  it('the same patch makes the same document', () => {
    fc.assert(
      fc.property(target, operations, (value, patch) => {
        expect(applyPatch(value, patch)).toEqual(applyPatch(value, patch));
      }),
    );
  });

  it('one patch does what its operations do one by one', () => {
    fc.assert(
      fc.property(target, operations, (value, patch) => {
        let stepwise: unknown = value;
        let failedAt: number | undefined;
        for (const [index, operation] of patch.entries()) {
          const outcome = applyPatch(stepwise, [operation]);
          if ('fault' in outcome) {
            failedAt = index;
            break;
          }
          stepwise = outcome.document;
        }
        const whole = applyPatch(value, patch);
        if (failedAt === undefined) expect(whole).toEqual({ document: stepwise });
        else expect(whole).toMatchObject({ fault: { index: failedAt } });
      }),
      { numRuns: 1000 },
    );
  });

  it('to add a new member and remove it again changes nothing', () => {
    fc.assert(
      fc.property(document, fc.string(), fc.jsonValue(), (value, name, added) => {
        fc.pre(!Object.hasOwn(value, name));
        const path = stepOf(name);
        expect(JSON.stringify(patched(value, [add(path, added), test(path, added), remove(path)]))).toBe(
          JSON.stringify(value),
        );
      }),
    );
  });

  it('to move there and back changes nothing but the order', () => {
    fc.assert(
      fc.property(document, fc.string(), fc.string(), fc.jsonValue(), (value, from, to, moved) => {
        fc.pre(from !== to && !Object.hasOwn(value, to));
        const patch = [add(stepOf(from), moved), move(stepOf(from), stepOf(to)), move(stepOf(to), stepOf(from))];
        expect(patched(value, patch)).toEqual(patched(value, [add(stepOf(from), moved)]));
      }),
    );
  });

  it('to replace a member by itself changes nothing', () => {
    fc.assert(
      fc.property(document, (value) => {
        const patch = Object.entries(value).map(([name, member]) => replace(stepOf(name), member));
        expect(JSON.stringify(patched(value, patch))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('a document passes the test for itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(patched(value, [test('', value)])).toEqual(value);
      }),
    );
  });
});
