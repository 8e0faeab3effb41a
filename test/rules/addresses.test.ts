import { parseQueryOptions, parseResourcePath } from '@cosell/odata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const id = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';

describe('the path of a URL', () => {
  it.each([
    ['/v1.0/engagements/referrals', ['v1.0', 'engagements', 'referrals']],
    [`/referrals/${id}`, ['referrals', id]],
    [`/referrals('${id}')`, ['referrals', id]],
    [`/referrals(${id})`, ['referrals', id]],
    [`/referrals(%27${id}%27)`, ['referrals', id]],
    [`/referrals%28%27${id}%27%29`, ['referrals', id]],
    [`/referrals('${id}')/links`, ['referrals', id, 'links']],
    [`//referrals///${id}//`, ['referrals', id]],
    ['', []],
    ['/', []],
    ['/////', []],
    ["/referrals('a''b')", ['referrals', "a'b"]],
    ["/referrals('a%27%27b')", ['referrals', "a'b"]],
    ["/referrals('''')", ['referrals', "'"]],
    ["/referrals('')", ['referrals', '']],
    ['/referrals()', ['referrals', '']],
    ["/referrals(')", ['referrals', "'"]],
    ["/referrals('a(b)')", ['referrals', 'a(b)']],
    ['/referrals/a%2Fb', ['referrals', 'a/b']],
    ['/referrals/a%20b+c', ['referrals', 'a b+c']],
    ['/referrals/%C3%A9', ['referrals', 'é']],
    ['/referrals/%25', ['referrals', '%']],
    ['/(a)', ['(a)']],
    ['/a)', ['a)']],
    ['/a(b', ['a(b']],
    ['/$metadata', ['$metadata']],
  ])('%s', (path, segments) => {
    expect(parseResourcePath(path)).toEqual(segments);
  });

  it.each(['/%', '/%2', '/%zz', '/referrals/%C3', '/%ff', '/a/%E2%82/b'])('%s is broken', (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  });

  it.each([
    [`/referrals(id='${id}')`, id],
    [`/referrals(Id=${id})`, id],
    [`/referrals%28id%20%3D%20'${id}'%29`, id],
    ["/referrals(id='a=b''c')", "a=b'c"],
    ['/referrals(id=)', ''],
    ['/referrals(idx)', 'idx'],
    ["/referrals(other='a')", "other='a'"],
    ["/referrals('id=a')", 'id=a'],
  ])('%s may name its key', (path, key) => {
    expect(parseResourcePath(path, 'id')).toEqual(['referrals', key]);
    expect(parseResourcePath("/referrals(id='a')")).toEqual(['referrals', "id='a'"]);
  });

  it('gives any key back, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        const quoted = `('${key.replaceAll("'", "''")}')`;
        expect(parseResourcePath(`/set${encodeURIComponent(quoted)}`)).toEqual(['set', key]);
        fc.pre(!/^.+\(.*\)$/s.test(key));
        expect(parseResourcePath(`/set/${encodeURIComponent(key)}`)).toEqual(['set', key]);
      }),
    );
  });
});

describe('the query of a URL', () => {
  it.each([
    ['', []],
    ['&&', []],
    ['$top=5', [['$top', '5']]],
    ['%24top=5', [['$top', '5']]],
    ['$filter=a%20eq+1', [['$filter', 'a eq 1']]],
    ['$filter=a%2Bb', [['$filter', 'a+b']]],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=b', [['', 'b']]],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a=%26&b=%3D',
      [
        ['a', '&'],
        ['b', '='],
      ],
    ],
    [
      '__proto__=1&constructor=2',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ])('"%s" keeps its options in order', (text, pairs) => {
    expect(parseQueryOptions(text)?.map(({ name, value }) => [name, value])).toEqual(pairs);
  });

  it.each(['a=%', '%=a', 'a=%2', 'a=%C3%28', 'ok=1&b=%zz'])('"%s" is broken', (text) => {
    expect(parseQueryOptions(text)).toBeUndefined();
  });

  it('gives any options back', () => {
    const texts = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.record({ name: texts, value: texts })), (options) => {
        const text = options.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
        expect(parseQueryOptions(text.join('&'))).toEqual(options);
      }),
    );
  });
});
