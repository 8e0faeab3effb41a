import { deleteBehind, deleteFrom, upsertIfChanged, upsertInto } from '@cosell/server/store/row-statements';
import { commaSeparated, names, sql, textsBy } from '@cosell/server/store/sql';
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

describe('statements of one row', () => {
  const text = textsBy((parts) => parts.join('?'));

  it('insert, replace and delete by the columns that they were made of', () => {
    expect(text(upsertInto('t', ['a'], ['b', 'c'])([1, 'x', null]))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set b = excluded.b, c = excluded.c',
    );
    expect(text(upsertInto('t', ['a'], ['b', 'c'], ['b'])([1, 'x', null]))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set c = excluded.c',
    );
    expect(text(upsertIfChanged('t', ['a'], ['b', 'c'])([1, 'x', null]))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set b = excluded.b, c = excluded.c' +
        ' where t.b is distinct from excluded.b or t.c is distinct from excluded.c',
    );
    expect(text(deleteFrom('t', ['a', 'b'])([1, 2]))).toBe('delete from t where a = ? and b = ?');
    expect(text(deleteBehind('t', ['a', 'b'], 'c')([1, 2, 3]))).toBe('delete from t where a = ? and b = ? and c >= ?');
  });

  it('take their values in the order of the columns, and no other number of them', () => {
    const add = upsertInto('t', ['a'], ['b']);
    expect(add([1, 'x']).values).toEqual([1, 'x']);
    expect(() => add([1])).toThrow('takes 2 values, not 1');
    expect(() => add([1, 2, 3])).toThrow('takes 2 values, not 3');
  });

  it('refuse names that are not of our tables', () => {
    expect(() => upsertInto('t', ['a; drop'], ['b'])).toThrow(/not the name of a column/);
    expect(() => deleteFrom('t"', ['a'])).toThrow(/not the name of a column/);
  });

  it('are put together once for an engine, and what changes from call to call each time', () => {
    const joined: (readonly string[])[] = [];
    const textOf = textsBy((parts) => {
      joined.push(parts);
      return parts.join('?');
    });
    const find = (id: number) => sql`select 1 from t where id = ${id}`;
    const findIn = (table: string) => sql`select 1 from ${names(table)}`;
    expect([textOf(find(1)), textOf(find(2))]).toEqual(Array(2).fill('select 1 from t where id = ?'));
    expect(joined).toHaveLength(1);
    expect([textOf(findIn('t')), textOf(findIn('u'))]).toEqual(['select 1 from t', 'select 1 from u']);
    expect(joined).toHaveLength(3);
  });
});
