import { holds, idsIn, readCondition } from '@cosell/server/http/batch/batch-condition';
import { describe, expect, it } from 'vitest';

const succeeded = new Set(['a', 'b-1']);

describe('the condition of a request of a batch', () => {
  it.each([
    ['$a/$succeeded', true],
    [' $a/$succeeded ', true],
    ['$x/$succeeded', false],
    ['not $x/$succeeded', true],
    ['not not $a/$succeeded', true],
    ['$a/$succeeded and $b-1/$succeeded', true],
    ['$a/$succeeded and $x/$succeeded', false],
    ['$x/$succeeded or $a/$succeeded', true],
    // "and" holds its operands more closely than "or".
    ['$a/$succeeded or $a/$succeeded and $x/$succeeded', true],
    ['($a/$succeeded or $a/$succeeded) and $x/$succeeded', false],
    ['not ($a/$succeeded and $x/$succeeded)', true],
    ['$a/$succeeded eq true', true],
    ['$a/$succeeded ne true', false],
    ['$x/$succeeded eq false', true],
    ['not $x/$succeeded eq true', true],
  ] as const)('%s', (text, wanted) => {
    const condition = readCondition(text);
    expect(condition && holds(condition, (id) => succeeded.has(id))).toBe(wanted);
  });

  it.each([
    '',
    ' ',
    'true',
    '$a',
    '$a/name',
    '$a/$succeeded and',
    '($a/$succeeded',
    '$a/$succeeded)',
    'and',
    'not',
    '$a/$succeeded $a/$succeeded',
    '$a/$succeeded eq 1',
    '$a/$succeeded eq',
    '$a/$succeededx',
    'nota/$succeeded',
    `${'('.repeat(600)}$a/$succeeded`,
    `${'not '.repeat(100_000)}$a/$succeeded`,
    '()',
  ])('is not read: %.30s', (text) => {
    expect(readCondition(text)).toBeUndefined();
  });

  it('says which requests it asks about', () => {
    const condition = readCondition('$a/$succeeded and (not $b/$succeeded or $c/$succeeded eq true)');
    expect(condition && idsIn(condition)).toEqual(['a', 'b', 'c']);
  });
});
