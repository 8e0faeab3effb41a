import { type Expression, parseFilter, parseLiteral, parseOrderBy, tokenize } from '@cosell/odata';
import { describe, expect, it } from 'vitest';

/** A tree as a text with its own parentheses. */
function draw(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return expression.form === 'string'
        ? `"${expression.value}"`
        : `${expression.form}:${expression.type === undefined ? '' : `${expression.type}:`}${expression.value}`;
    case 'path':
      return expression.segments
        .map((step) =>
          step.arguments === undefined ? step.name : `${step.name}(${step.arguments.map(draw).join(', ')})`,
        )
        .join('/');
    case 'lambda':
      return `${draw(expression.collection)}/${expression.operator}(${
        expression.condition === undefined ? '' : `${expression.variable}: ${draw(expression.condition)}`
      })`;
    case 'unary':
      return `(${expression.operator} ${draw(expression.operand)})`;
    case 'binary':
      return `(${draw(expression.left)} ${expression.operator} ${draw(expression.right)})`;
    default:
      return `[${expression.items.map(draw).join(' ')}]`;
  }
}

function parse(text: string): Expression {
  const parsed = parseFilter(text);
  if (parsed.kind === 'malformed' || parsed.kind === 'tooLarge') throw new Error(JSON.stringify(parsed));
  return parsed;
}

describe('a filter is parsed as OData binds it', () => {
  it.each([
    ["a eq 'x'", '(a eq "x")'],
    ["a EQ 'x' AND b Ne null", '((a eq "x") and (b ne null:null))'],
    ['a eq 1 or b eq 2 and c eq 3', '((a eq number:1) or ((b eq number:2) and (c eq number:3)))'],
    ['(a eq 1 or b eq 2) and c eq 3', '(((a eq number:1) or (b eq number:2)) and (c eq number:3))'],
    ['a or b or c', '((a or b) or c)'],
    ['not a and b', '((not a) and b)'],
    ['not a eq b', '((not a) eq b)'],
    ['not (a eq b)', '(not (a eq b))'],
    ["not a in ('x')", '(not (a in ["x"]))'],
    ['not not a', '(not (not a))'],
    ['a gt 1 eq true', '((a gt number:1) eq boolean:true)'],
    ['a add 2 mul 3 gt 4 sub 1', '((a add (number:2 mul number:3)) gt (number:4 sub number:1))'],
    ['a div 2 divby 3 mod 4', '(((a div number:2) divby number:3) mod number:4)'],
    ['-a add -5', '((- a) add number:-5)'],
    ['-(a) eq 1', '((- a) eq number:1)'],
    ['a in (b)', '(a in b)'],
    ["a eq duration'P1DT2H'", '(a eq typed:duration:P1DT2H)'],
    ["a/$count($filter=b eq 'x';$search=c) gt 2", '(a/$count((b eq "x"), c) gt number:2)'],
    ["a/$filter(b eq 'x')/$count gt 2", '(a/$filter((b eq "x"))/$count gt number:2)'],
    ['a eq 01:30:00.5', '(a eq time:01:30:00.5)'],
    ['a eq 0001-01-01T00:00:00.123456789012Z', '(a eq instant:0001-01-01T00:00:00.123456789012Z)'],
    ["a in ('x', null, -5)", '(a in ["x" null:null number:-5])'],
    ['a in ()', '(a in [])'],
    ["style has Ns.Color'Red'", '(style has typed:Ns.Color:Red)'],
    ["Color'Red' eq a", '(typed:Color:Red eq a)'],
    ["a eq 'O''Neil'", '(a eq "O\'Neil")'],
    ["a eq ''", '(a eq "")'],
    ["a eq ''''", '(a eq "\'")'],
    ['a eq 65EDC0B5-3485-41b7-a17e-dfa9ef4706e2', '(a eq guid:65EDC0B5-3485-41b7-a17e-dfa9ef4706e2)'],
    ['a ge 2020-01-01', '(a ge instant:2020-01-01)'],
    ['a ge 2020-01-01T00:00Z', '(a ge instant:2020-01-01T00:00Z)'],
    ['a ge 2020-01-01T00:00:00.1234567Z', '(a ge instant:2020-01-01T00:00:00.1234567Z)'],
    ['a ge 2020-01-01T00:00:00+02:00', '(a ge instant:2020-01-01T00:00:00+02:00)'],
    ['a ge 2020-01-01T00:00:00 02:00', '(a ge instant:2020-01-01T00:00:00+02:00)'],
    ['a ge 12:30', '(a ge time:12:30)'],
    ['a lt 1.5e3', '(a lt number:1.5e3)'],
    ['a/b/c eq 1', '(a/b/c eq number:1)'],
    ['$it/a eq 1', '($it/a eq number:1)'],
    ["team/any(t:t/email eq 'x' and t/name eq 'y')", 'team/any(t: ((t/email eq "x") and (t/name eq "y")))'],
    ['a/b/any( s : s/id eq 1 )', 'a/b/any(s: (s/id eq number:1))'],
    ['team/any()', 'team/any()'],
    ['team/all(t:true)', 'team/all(t: boolean:true)'],
    ['any eq 1', '(any eq number:1)'],
    ['null/x eq not/x', '(null/x eq not/x)'],
    ["contains(name,'x') eq true", '(contains(name, "x") eq boolean:true)'],
    ['now()', 'now()'],
    ['a/$count gt 2', '(a/$count gt number:2)'],
    ["a/$count($filter=b eq 'x') gt 2", '(a/$count((b eq "x")) gt number:2)'],
    ['case(a gt 0:1,true:0)', 'case((a gt number:0), number:1, boolean:true, number:0)'],
    ['Ns.F(p=@q)', 'Ns.F(@q)'],
    ['a in ["x","]"]', '(a in json:["x","]"])'],
    ['a eq {"b":"}\\""}', '(a eq json:{"b":"}\\""})'],
    ['\ta  eq\t1 ', '(a eq number:1)'],
    ['größe eq 1', '(größe eq number:1)'],
  ])('%s', (text, tree) => {
    expect(draw(parse(text))).toBe(tree);
  });
});

describe('what is not legal is refused where it stands, with what was found and what could stand there', () => {
  const operand = 'a property, a value, a function, not, - or (';
  it.each([
    ['', 0, 'the end', operand],
    ['   ', 3, 'the end', operand],
    ['a eq', 4, 'the end', operand],
    ['a eq and b', 9, 'b', 'an operator or the end'],
    ['eq 1', 3, '1', 'an operator or the end'],
    ["a = 'x'", 2, '=', 'an operator or the end'],
    ['a eq 1 b', 7, 'b', 'an operator or the end'],
    ['(a eq 1', 7, 'the end', 'an operator or )'],
    ['a eq 1)', 6, ')', 'an operator or the end'],
    ['()', 1, ')', operand],
    ["a eq 'x", 7, 'the end', "the closing ' of the text that begins at 5, with quotes inside it doubled,"],
    ["a eq 'O'Neil'", 8, 'Neil', 'an operator or the end'],
    ["a eq Neil'", 10, 'the end', "the closing ' of the text that begins at 9, with quotes inside it doubled,"],
    ['a eq "x"', 5, '"""', 'a property, a value or an operator'],
    ['a & b', 2, '"&"', 'an operator or the end'],
    ['a eq &', 5, '"&"', 'a property, a value or an operator'],
    ["a eq '\0'", 6, 'U+0000', 'another character'],
    ['a eq \u0007', 5, 'U+0007', 'a property, a value or an operator'],
    ['a eq 42.', 8, 'the end', 'what belongs to the value that begins at 5'],
    ['a eq 5x', 6, '"x"', 'what belongs to the value that begins at 5'],
    ['a eq 2026-13-01', 11, '"3"', 'what belongs to the value that begins at 5'],
    ['a eq 2026-11-30T24:00Z', 17, '"4"', 'what belongs to the value that begins at 5'],
    ['a eq 65edc0b5-3485-41b7-dfa9ef4706e2', 28, '"e"', 'what belongs to the value that begins at 5'],
    ['a/ eq 1', 6, '1', 'an operator or the end'],
    ['a/1', 2, '1', 'the name of a property'],
    ['a/', 2, 'the end', 'the name of a property'],
    ['team/all()', 10, 'the end', '/ and a property of what all() gives; the operator is all(x:…)'],
    ['team/all(:a)', 9, ':', 'the name of a lambda variable'],
    ['team/any(t)', 10, ')', ': after the lambda variable'],
    ['team/any(t:)', 11, ')', operand],
    ['team/any(t:t/a eq 1', 19, 'the end', 'an operator or )'],
    ["a in ('x'", 9, 'the end', 'a comma or )'],
    ["a in ('x',)", 10, ')', 'a value'],
    ['a in (b,c)', 7, ',', 'an operator or )'],
    ["f('x'", 5, 'the end', 'an operator, a comma or )'],
    ['f(,)', 2, ',', operand],
    ['a eq [1', 7, 'the end', 'the bracket that closes the one at 5'],
    ['a eq 1 😀', 7, '"😀"', 'an operator or the end'],
  ])('%j at %i', (text, position, found, expected) => {
    expect(parseFilter(text)).toEqual({ kind: 'malformed', position, found, expected });
  });
});

describe('an expression may be so large and no larger', () => {
  const limits = { length: 100, depth: 5, nodes: 12, keys: 3 };
  it.each([
    [`a eq '${'x'.repeat(93)}'`, undefined],
    [`a eq '${'x'.repeat(94)}'`, 'length'],
    ['((((a))))', undefined],
    ['(((((a)))))', 'depth'],
    ['a(b(c(d(e(f)))))', 'depth'],
    ['- - - - - - a', 'depth'],
    ['a add 1 add 1 add 1', undefined],
    ['a add 1 add 1 add 1 add 1 add 1', 'depth'],
    ['a in (1,2,3,4,5,6,7,8)', undefined],
    ['a in (1,2,3,4,5,6,7,8,9,0,1)', 'nodes'],
    ['a or a or a or a or a or a', 'nodes'],
  ])('%s', (text, limit) => {
    const parsed = parseFilter(text, limits);
    if (limit === undefined) expect(['binary', 'path']).toContain(parsed.kind);
    else expect(parsed).toEqual({ kind: 'tooLarge', limit, allowed: limits[limit as keyof typeof limits] });
  });

  it('with so many keys to sort by', () => {
    expect(parseOrderBy('a,b desc,c', limits)).toHaveLength(3);
    expect(parseOrderBy('a,b desc,c,d', limits)).toEqual({ kind: 'tooLarge', limit: 'keys', allowed: 3 });
  });

  it('does not break on a hundred thousand characters of any kind', () => {
    for (const part of ['(', 'not ', "'x", 'a/', 'a(', 'a or ', '-', '[', 'x/any(x:']) {
      expect(['malformed', 'tooLarge']).toContain(parseFilter(part.repeat(100_000 / part.length)).kind);
      expect(['malformed', 'tooLarge']).toContain(parseFilter(part.repeat(7_000 / part.length)).kind);
    }
  });
});

describe('a value alone', () => {
  it.each([
    ["'O''Neil'", { form: 'string', value: "O'Neil" }],
    ['-1.5e3', { form: 'number', value: '-1.5e3' }],
    ['true', { form: 'boolean', value: 'true' }],
    ['2026-11-30T00:00:00Z', { form: 'instant' }],
    ["Ns.Color'Red'", { form: 'typed', type: 'Ns.Color', value: 'Red' }],
    ["'O'Neil'", { kind: 'malformed', position: 3, found: 'Neil' }],
    ['name', { kind: 'malformed', position: 0, found: 'name' }],
    ['', { kind: 'malformed', position: 0, found: 'the end' }],
  ])('%s', (text, literal) => {
    expect(parseLiteral(text)).toMatchObject(literal);
  });

  it.each([
    ['guid', '01234567-89ab-cdef-0123-456789abcdef', undefined],
    ['guid', '01234567-89ab-cdef-456789abcdef', 23],
    ['date', '2026-02-30', undefined],
    ['date', '2026-11-3', 9],
    ['instant', '2026-11-30T23:59:59.9999999+14:00', undefined],
    ['time', '24:00:00', 1],
    ['duration', 'P1DT2H3M4.5S', undefined],
    ['duration', '-PT0.0000001S', undefined],
    ['duration', 'P1Y', 2],
    ['duration', 'PT', 2],
    ['boolean', 'TRUE', undefined],
    ['number', '1e', 2],
  ] as const)('%s %s has its first fault at %s', (form, text, position) => {
    const parsed = parseLiteral(text, form);
    if (position === undefined) expect(parsed.kind).toBe('literal');
    else expect(parsed).toMatchObject({ kind: 'malformed', position });
  });
});

describe('$orderby', () => {
  it.each([
    ['a', ['a']],
    ['a desc', ['a desc']],
    ['a ASC,b/c Desc , d', ['a', 'b/c desc', 'd']],
    ['length(a) desc', ['length(a) desc']],
    ['desc desc', ['desc desc']],
    ['a\tasc', ['a']],
  ])('%s', (text, keys) => {
    const parsed = parseOrderBy(text);
    if ('kind' in parsed) throw new Error(JSON.stringify(parsed));
    expect(parsed.map((key) => `${draw(key.expression)}${key.isDescending ? ' desc' : ''}`)).toEqual(keys);
  });

  it.each([
    ['', 0, 'the end'],
    ['a,', 2, 'the end'],
    ['a up', 2, 'up'],
    ['a desc asc', 7, 'asc'],
    [',a', 0, ','],
  ])('%j is refused at %i', (text, position, found) => {
    expect(parseOrderBy(text)).toMatchObject({ kind: 'malformed', position, found });
  });
});

it('words know where they stand', () => {
  const tokens = tokenize("a  eq 'x''y'");
  expect(tokens).toEqual([
    { kind: 'name', text: 'a', value: 'a', position: 0 },
    { kind: 'name', text: 'eq', value: 'eq', position: 3 },
    { kind: 'string', text: "'x''y'", value: "x'y", position: 6 },
    { kind: 'end', text: '', value: '', position: 12 },
  ]);
});
