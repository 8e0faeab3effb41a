import { commaSeparated, names, sql } from '@cosell/server/store/sql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('SQL', () => {
  it('keeps its values apart from its text', () => {
    expect(sql`select ${1} from t where a = ${'x'} and b = ${null}`).toEqual({
      parts: ['select ', ' from t where a = ', ' and b = ', ''],
      values: [1, 'x', null],
    });
  });

  it('takes other SQL in, with its values in their places', () => {
    const inner = sql`b = ${2} or c = ${3}`;
    expect(sql`a = ${1} and (${inner}) and d = ${4}`).toEqual({
      parts: ['a = ', ' and (b = ', ' or c = ', ') and d = ', ''],
      values: [1, 2, 3, 4],
    });
    expect(sql`${sql`${sql`x`}`}`).toEqual({ parts: ['x'], values: [] });
  });

  it('never lets a value become text', () => {
    const values = fc.oneof(fc.string(), fc.integer(), fc.bigInt(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(values, { minLength: 1 }), (given) => {
        const { parts, values: kept } = sql`insert into t values (${commaSeparated(given)})`;
        expect(kept).toEqual(given);
        expect(parts.join('?')).toBe(`insert into t values (${given.map(() => '?').join(', ')})`);
      }),
    );
  });

  it('separates pieces and values by commas', () => {
    expect(commaSeparated([])).toEqual({ parts: [''], values: [] });
    expect(commaSeparated([sql`a = ${1}`, 2, sql`b`])).toEqual({ parts: ['a = ', ', ', ', b'], values: [1, 2] });
  });

  it('takes names of tables and columns', () => {
    expect(names('referrals', 'email_folded', 'a1')).toEqual({ parts: ['referrals, email_folded, a1'], values: [] });
  });

  it.each(['', 'A', '1a', 'a b', 'a;', 'a"', "a'", 'a--', 'a.b', 'ä', 'a\n', '_a', 'a)'])(
    'refuses the name %j',
    (name) => {
      expect(() => names('ok', name)).toThrow(/not the name of a column/);
    },
  );
});
