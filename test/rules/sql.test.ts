import {
  deleteBehind,
  deleteFrom,
  selectAmong,
  upsertIfChanged,
  upsertInto,
} from '@cosell/server/store/row-statements';
import { commaSeparated, names, type Sql, sql, textsBy } from '@cosell/server/store/sql';
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

describe('statements of rows', () => {
  const text = textsBy((parts) => parts.join('?'));
  const only = (statements: Iterable<Sql>) => {
    const [one, ...others] = statements;
    if (one === undefined || others.length > 0) throw new Error('not one statement');
    return one;
  };

  it('insert, replace and delete by the columns that they were made of', () => {
    expect(text(only(upsertInto('t', ['a'], ['b', 'c'])('sqlite', [[1, 'x', null]])))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set b = excluded.b, c = excluded.c',
    );
    expect(text(only(upsertInto('t', ['a'], ['b', 'c'], ['b'])('sqlite', [[1, 'x', null]])))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set c = excluded.c',
    );
    expect(text(only(upsertIfChanged('t', ['a'], ['b', 'c'])('sqlite', [[1, 'x', null]])))).toBe(
      'insert into t (a, b, c) values (?, ?, ?) on conflict (a) do update set b = excluded.b, c = excluded.c' +
        ' where t.b is distinct from excluded.b or t.c is distinct from excluded.c',
    );
    expect(text(deleteFrom('t', ['a', 'b'])([1, 2]))).toBe('delete from t where a = ? and b = ?');
    expect(text(deleteBehind('t', ['a', 'b'], 'c')([1, 2, 3]))).toBe('delete from t where a = ? and b = ? and c >= ?');
  });

  it('take their values in the order of the columns, and no other number of them', () => {
    const add = upsertInto('t', ['a'], ['b']);
    expect(only(add('sqlite', [[1, 'x']])).values).toEqual([1, 'x']);
    expect(() => only(add('sqlite', [[1]]))).toThrow('takes 2 values, not 1');
    expect(() => only(add('postgres', [[1, 2, 3]]))).toThrow('takes 2 values, not 3');
  });

  it('write many rows with few statements on PostgreSQL, and with one for each on SQLite', () => {
    const put = upsertInto('t', ['a'], ['b']);
    const rows = Array.from({ length: 64 + 8 + 2 }, (_row, index) => [index, `${index}`]);
    const statements = [...put('postgres', rows)];
    expect(statements.map(({ values }) => values.length / 2)).toEqual([64, 8, 1, 1]);
    expect(statements.flatMap(({ values }) => values)).toEqual(rows.flat());
    expect(text(only(put('postgres', rows.slice(0, 8))))).toBe(
      `insert into t (a, b) values ${Array(8).fill('(?, ?)').join(', ')} on conflict (a) do update set b = excluded.b`,
    );
    expect([...put('sqlite', rows)].map(({ values }) => [...values])).toEqual(rows);
    expect([...put('sqlite', [])]).toEqual([]);
  });

  it('seek any number of values with few texts', () => {
    const seek = selectAmong(['select a from t where b = ', ' and a in ('], ' order by a');
    expect(text(only(seek(['x'], [1, 2, 3])))).toBe('select a from t where b = ? and a in (?, ?, ?, ?) order by a');
    expect(only(seek(['x'], [1, 2, 3])).values).toEqual(['x', 1, 2, 3, 3]);
    expect(only(seek(['x'], [1])).values).toEqual(['x', 1]);
    expect([...seek(['x'], [])]).toEqual([]);
    const many = [
      ...seek(
        ['x'],
        Array.from({ length: 300 }, (_value, index) => index),
      ),
    ];
    expect(many.map(({ values }) => values.length)).toEqual([257, 65]);
    expect(new Set(many.flatMap(({ values }) => values)).size).toBe(301);
    expect(many[0]?.parts).toBe([...seek(['y'], Array(256).fill(1))][0]?.parts);
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
