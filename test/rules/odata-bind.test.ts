import {
  type BindFault,
  bind,
  bindOrderBy,
  type Expression,
  nearestNames,
  parseFilter,
  parseOrderBy,
  propertyValue,
  toSql,
} from '@cosell/odata';
import { describe, expect, it } from 'vitest';
import { now, orderColumns, orderRules } from '../support/orders.ts';

function bindText(text: string) {
  const parsed = parseFilter(text);
  if (parsed.kind === 'malformed' || parsed.kind === 'tooLarge') throw new Error(JSON.stringify(parsed));
  return bind(parsed, orderRules, { now });
}

/** A filter as SQL, with its values where a database would put them. */
function sqlOf(text: string): string {
  const bound = bindText(text);
  if ('kind' in bound) throw new Error(JSON.stringify(bound));
  const { parts, values } = toSql(bound.predicate, 'sqlite', orderColumns);
  return parts.reduce((before, part, index) => `${before}{${String(values[index - 1])}}${part}`);
}

const line = 'from lines as item1 where item1.order_id = o.id and';

describe('a filter becomes a condition with its values apart', () => {
  it.each([
    ["name eq 'x'", 'o.name = {x}'],
    ["NAME eq 'x'", 'o.name = {x}'],
    ["'x' eq name", 'o.name = {x}'],
    ["name ne 'x'", '(o.name <> {x} or o.name is null)'],
    ["not (name eq 'x')", '(o.name <> {x} or o.name is null)'],
    ["not (name ne 'x')", 'o.name = {x}'],
    ['name eq null', 'o.name is null'],
    ['null ne name', 'o.name is not null'],
    ['name gt null', '1 = 0'],
    ["name eq '; drop table o'", 'o.name = {; drop table o}'],
    ['total gt 5', 'o.total > {50000}'],
    ['5.5 gt total', 'o.total < {55000}'],
    ['not (total gt -0.0001)', '(o.total <= {-1} or o.total is null)'],
    ['total le 99999999999999.9999', 'o.total <= {999999999999999999}'],
    ['isOpen', 'o.isOpen = {1}'],
    ['not isOpen', 'o.isOpen = {0}'],
    ['isOpen eq false', 'o.isOpen = {0}'],
    ['placedAt ge 2020-01-01', 'o.placedAt >= {2020-01-01T00:00:00.0000000Z}'],
    ["placedAt ge '2020-01-01T02:00:00.5+02:00'", 'o.placedAt >= {2020-01-01T00:00:00.5000000Z}'],
    ["colour eq 'green'", 'o.colour = {Green}'],
    ["colour eq Shop.Colour'Green'", 'o.colour = {Green}'],
    ["colour gt 'Red'", 'o.colour in ({Green}, {Blue})'],
    ["colour lt 'Red'", '1 = 0'],
    ["not (colour le 'green')", '(o.colour not in ({Red}, {Green}) or o.colour is null)'],
    ["address/city eq 'x'", 'o.address_city = {x}'],
    ["$it/Address/CITY eq 'x'", 'o.address_city = {x}'],
    ["id eq 'ABC'", 'o.id = {abc}'],
    ['id eq 65EDC0B5-3485-41b7-a17e-dfa9ef4706e2', 'o.id = {65edc0b5-3485-41b7-a17e-dfa9ef4706e2}'],
    ["stage eq 'half'", 'o.stage in ({50}, {half})'],
    ['stage ne 50', '(o.stage not in ({50}, {half}) or o.stage is null)'],
    ["name in ('x', 'y', 'x')", 'o.name in ({x}, {y})'],
    ["not (name in ('x'))", '(o.name not in ({x}) or o.name is null)'],
    ["name in ('x', null)", '(o.name in ({x}) or o.name is null)'],
    ['name in ()', '1 = 0'],
    ['name in (null)', 'o.name is null'],
    ["name eq 'x' and isOpen and total lt 1", '(o.name = {x} and o.isOpen = {1} and o.total < {10000})'],
    ["name eq 'x' or isOpen and total lt 1", '(o.name = {x} or (o.isOpen = {1} and o.total < {10000}))'],
    [
      "not (name eq 'x' or total lt 1)",
      '((o.name <> {x} or o.name is null) and (o.total >= {10000} or o.total is null))',
    ],
    ["(name eq 'x') eq false", '(o.name <> {x} or o.name is null)'],
    ['true', '1 = 1'],
    ['not true', '1 = 0'],
    ["1 lt 2 and 'a' eq 'b'", '(1 = 1 and 1 = 0)'],
    ['null eq null', '1 = 1'],
    ["lines/any(l:l/sku eq 'X')", `exists (select 1 ${line} item1.sku = {x})`],
    ["not lines/any(l:l/sku eq 'x')", `not exists (select 1 ${line} item1.sku = {x})`],
    ["lines/all(l:l/sku eq 'x')", `not exists (select 1 ${line} (item1.sku <> {x} or item1.sku is null))`],
    ['lines/any()', `exists (select 1 ${line} 1 = 1)`],
    [
      "lines/any(l:l/amount gt 1 and name eq 'x')",
      `exists (select 1 ${line} (item1.amount > {10000} and o.name = {x}))`,
    ],
    [
      "lines/any(l:lines/any(m:m/sku eq 'x') and l/amount eq 1)",
      `exists (select 1 ${line} (exists (select 1 from lines as item2 where item2.order_id = o.id and item2.sku = {x}) and item1.amount = {10000}))`,
    ],
    ["sku eq 'X'", `exists (select 1 ${line} item1.sku = {x})`],
    ["SKU in ('X')", `exists (select 1 ${line} item1.sku in ({x}))`],
    ["contains(name,'x')", '(instr(o.name, {x}) > 0)'],
    ["not contains(name,'x')", 'not (instr(o.name, {x}) > 0)'],
    ["contains(name,'x') eq false", 'not (instr(o.name, {x}) > 0)'],
    ["contains(name,'x') ne true", '(instr(o.name, {x}) > 0) is not true'],
    ["contains(name,'x') eq null", '(((instr(o.name, {x}) > 0))) is null'],
    ["matchesPattern(name,'x')", '(instr(o.name, {x}) > 0)'],
    ["matchesPattern(id,'^X')", '(instr(o.id, {x}) = 1)'],
    ["matchesPattern(name,'^x')", '(instr(o.name, {x}) = 1)'],
    ["matchesPattern(name,'^x\\.y$')", '(o.name = {x.y})'],
    ["contains(id,'X')", '(instr(o.id, {x}) > 0)'],
    ["contains(sku,'X')", `exists (select 1 ${line} (instr(item1.sku, {x}) > 0))`],
    ["lines/all(l:contains(l/sku,'x'))", `not exists (select 1 ${line} (instr(item1.sku, {x}) > 0) is not true)`],
    ['length(name) gt 2', '(cast(length(o.name) as bigint) > {2})'],
    ['not (length(name) gt 2)', '(cast(length(o.name) as bigint) > {2}) is not true'],
    ['2 lt length(name)', '(cast(length(o.name) as bigint) > {2})'],
    ['length(name) eq 2', '(cast(length(o.name) as bigint) is not distinct from {2})'],
    [
      'length(name) in (1,2,null)',
      '((cast(length(o.name) as bigint) in ({1}, {2})) is true or cast(length(o.name) as bigint) is null)',
    ],
    ['(total add 1) in ()', '1 = 0'],
    ['floor(5.5) in (5.0)', '({5} in ({5})) is true'],
    ["tolower('İX') eq 'ix'", '1 = 1'],
    ['year(now()) eq 2026', '1 = 1'],
    ['1 div 0 eq null', '1 = 1'],
    ['5 div 2 eq 2 and 5 divby 2 eq 2.5 and -5 mod 3 eq -2', '(1 = 1 and 1 = 1 and 1 = 1)'],
    [
      'round(2.5) eq 3 and round(-2.5) eq -3 and floor(-0.5) eq -1 and ceiling(-0.5) eq 0',
      '(1 = 1 and 1 = 1 and 1 = 1 and 1 = 1)',
    ],
    ['0.1 add 0.2 eq 0.3', '1 = 1'],
    ['total gt 2 add 3', 'o.total > {50000}'],
    ["placedAt gt now() sub duration'P1D'", 'o.placedAt > {2026-11-22T12:34:56.7890000Z}'],
    ['date(placedAt) eq 2020-01-01', '(substr(o.placedAt, 1, 10) is not distinct from {2020-01-01})'],
    ["colour has Colour'Red'", '(o.colour = {Red})'],
    ['name eq id', '(o.name is not distinct from o.id)'],
    ['name ne id', '(o.name is distinct from o.id)'],
    ['lines/$count gt 2', `((select count(*) ${line} 1 = 1) > {2})`],
    ["lines/$count($filter=sku eq 'X') gt 2", `((select count(*) ${line} item1.sku = {x}) > {2})`],
    ["lines/$filter(sku eq 'X')/$count gt 2", `((select count(*) ${line} item1.sku = {x}) > {2})`],
    [
      'lines/$count($filter=$this/sku eq $it/name) gt 2',
      `((select count(*) ${line} (item1.sku is not distinct from o.name)) > {2})`,
    ],
    [
      '(isOpen or total gt 1) eq (name eq null)',
      '((((o.isOpen = {1}) or ((o.total > {10000}) is true))) is not distinct from (((o.name is null) is true)))',
    ],
  ])('%s', (text, sql) => {
    expect(sqlOf(text)).toBe(sql);
  });
});

describe('a parameter alias stands for its expression', () => {
  const aliases: Readonly<Record<string, string>> = { '@p': "'x'", '@q': 'total add 1', '@r': '@q', '@s': 'nam' };
  const withAliases = (text: string) => {
    const [parsed, ...others] = [text, ...Object.values(aliases)].map((one) => parseFilter(one) as Expression);
    const found = Object.fromEntries(Object.keys(aliases).map((name, index) => [name, others[index]]));
    return bind(parsed as Expression, orderRules, { now, alias: (name) => found[name] });
  };
  const sqlWith = (text: string) => {
    const bound = withAliases(text);
    return 'kind' in bound ? bound : toSql(bound.predicate, 'sqlite', orderColumns);
  };

  it.each([
    ['name eq @p', "name eq 'x'"],
    ['contains(name,@p)', "contains(name,'x')"],
    ['lines/any(l:l/sku eq @p)', "lines/any(l:l/sku eq 'x')"],
    ['@q gt 5', 'total add 1 gt 5'],
    ['name eq @none', 'name eq null'],
  ])('%s', (text, plain) => {
    expect(sqlWith(text)).toEqual(sqlWith(plain));
  });

  it.each([
    ['@r gt 5', { kind: 'unsupported', position: 0 }],
    ['name eq @s', { kind: 'unknownProperty', name: 'nam', position: 8 }],
    [Array(21).fill('name eq @p').join(' or '), { kind: 'unsupported', position: 288 }],
  ])('%s is refused', (text, fault) => {
    expect(withAliases(text)).toMatchObject(fault);
  });
});

describe('a value outside its enumeration is equal to nothing, and is reported', () => {
  it.each([
    ["colour eq 'Pink'", '1 = 0', 1],
    ["colour ne 'Pink'", '1 = 1', 1],
    ["colour gt 'Pink'", '1 = 0', 1],
    ["colour in ('Pink', 'Red', 'Mauve')", 'o.colour in ({Red})', 2],
    ["colour eq Colour'Pink'", '1 = 0', 1],
    ["colour eq 'Red'", 'o.colour = {Red}', 0],
  ])('%s', (text, sql, warnings) => {
    expect(sqlOf(text)).toBe(sql);
    const bound = bindText(text);
    if ('kind' in bound) throw new Error(bound.kind);
    expect(bound.warnings.map(({ code }) => code)).toEqual(Array(warnings).fill('valueNotInEnumeration'));
  });

  it('with what it was and where it stands', () => {
    expect(bindText("colour eq 'Pink'")).toMatchObject({ warnings: [{ position: 10, value: 'Pink' }] });
  });
});

describe('what cannot be answered is said to be', () => {
  it.each<[string, Partial<Record<string, unknown>> & Pick<BindFault, 'kind'>]>([
    ["nam eq 'x'", { kind: 'unknownProperty', position: 0, name: 'nam', owner: 'Order', nearest: ['name'] }],
    ["address/town eq 'x'", { kind: 'unknownProperty', position: 8, name: 'town', owner: 'Address' }],
    ["name/x eq 'x'", { kind: 'unknownProperty', position: 5, name: 'x', owner: 'a value' }],
    ["lines/any(l:l/sk eq 'x')", { kind: 'unknownProperty', position: 14, owner: 'Line', nearest: ['sku'] }],
    ["lines/any(l:m/sku eq 'x')", { kind: 'unknownProperty', position: 12, name: 'm', owner: 'Order' }],
    ["__proto__ eq 'x'", { kind: 'unknownProperty', position: 0, nearest: [] }],
    ["constructor eq 'x'", { kind: 'unknownProperty', position: 0 }],
    ["secret eq 'x'", { kind: 'notFilterable', position: 0, name: 'secret' }],
    ['notes/any()', { kind: 'notFilterable', position: 0, name: 'notes' }],
    ['name eq 5', { kind: 'incompatible', position: 8 }],
    ["total eq '5'", { kind: 'incompatible', position: 9 }],
    ['total eq 0.00001', { kind: 'incompatible', position: 9 }],
    ['total eq INF', { kind: 'incompatible', position: 9 }],
    ["isOpen eq 'true'", { kind: 'incompatible', position: 10 }],
    ["placedAt gt 'soon'", { kind: 'incompatible', position: 12 }],
    ['placedAt gt 2020-02-30', { kind: 'incompatible', position: 12 }],
    ['placedAt gt 2020-01-01T00:00:00.12345678Z', { kind: 'incompatible', position: 12 }],
    ['colour eq 1', { kind: 'incompatible', position: 10 }],
    ["colour eq Shop.Shape'Red'", { kind: 'incompatible', position: 10 }],
    ["name in ('x', 5)", { kind: 'incompatible', position: 14 }],
    ['name', { kind: 'incompatible', position: 0 }],
    ['5', { kind: 'incompatible', position: 0 }],
    ["'x'", { kind: 'incompatible', position: 0 }],
    ['name and isOpen', { kind: 'incompatible', position: 0 }],
    ["not name eq 'x'", { kind: 'incompatible', position: 4 }],
    ["not isOpen eq 'x'", { kind: 'incompatible', position: 14 }],
    ["lines eq 'x'", { kind: 'incompatible', position: 0 }],
    ["lines/sku eq 'x'", { kind: 'incompatible', position: 6 }],
    ['name/any()', { kind: 'incompatible', position: 0 }],
    ["1 eq 'x'", { kind: 'incompatible', position: 5 }],
    ["address eq 'x'", { kind: 'unsupported', position: 0, what: 'the object address as a value' }],
    ['lines/any(l:l eq null)', { kind: 'unsupported', position: 12, what: 'l as a value' }],
    ['$it eq null', { kind: 'unsupported', position: 0 }],
    ["contain(name,'x')", { kind: 'unknownFunction', position: 0, name: 'contain', nearest: ['contains'] }],
    ['Ns.F() eq 1', { kind: 'unsupported', position: 0, what: 'the function Ns.F' }],
    ['total add 1', { kind: 'incompatible', position: 6 }],
    ['-total', { kind: 'incompatible', position: 0 }],
    ['name add 1 eq 2', { kind: 'incompatible', position: 5 }],
    ['name eq total', { kind: 'incompatible', position: 8 }],
    ['total add nam gt 5', { kind: 'unknownProperty', position: 10 }],
    ['length(total) eq 1', { kind: 'incompatible', position: 7 }],
    ['contains(name,5)', { kind: 'incompatible', position: 14 }],
    ['contains(name)', { kind: 'incompatible', position: 0 }],
    ["substring(name,total) eq 'x'", { kind: 'incompatible', position: 15 }],
    ['length(secret) eq 1', { kind: 'notFilterable', name: 'secret', position: 7 }],
    ["contains(lines/sku,'x')", { kind: 'incompatible', position: 15 }],
    ['name/$count eq 1', { kind: 'incompatible', position: 0 }],
    ['lines/$count($search=x) eq 1', { kind: 'unsupported', position: 21, what: '$search within $count' }],
    ['total add 0.000000001 eq 1', { kind: 'incompatible', position: 10 }],
    ['total add INF eq 1', { kind: 'incompatible', position: 10 }],
    ["length(name) in (1,'x')", { kind: 'incompatible', position: 19 }],
    ["name has 'x'", { kind: 'incompatible', position: 5 }],
    [
      "matchesPattern(name,'a.*b')",
      { kind: 'unsupported', position: 20, what: 'a pattern of more than plain text between ^ and $' },
    ],
    ["matchesPattern(name,'(a+)+$')", { kind: 'unsupported', position: 20 }],
    ['matchesPattern(name,id)', { kind: 'unsupported', position: 20 }],
    ["matchesPattern(name,'(')", { kind: 'incompatible', position: 20 }],
    ["matchesPattern(total,'a')", { kind: 'incompatible', position: 15 }],
    ["cast(name,Edm.String) eq 'x'", { kind: 'unsupported', position: 0, what: 'the function cast' }],
    ['case(isOpen:1,true:0) eq 1', { kind: 'unsupported', position: 0, what: 'the function case' }],
    ['colour eq tolower(colour) and colour gt trim(colour)', { kind: 'unsupported', position: 37 }],
    ['name eq idd', { kind: 'unknownProperty', position: 8 }],
    ["Ns.Type/name eq 'x'", { kind: 'unsupported', position: 0, what: 'Ns.Type' }],
    ['name in ["x"]', { kind: 'unsupported', position: 8 }],
    ['name in (id)', { kind: 'unsupported', position: 9 }],
    ['lines/any(l:l/parts/any())', { kind: 'unsupported', what: 'a list within an item of a list', position: 14 }],
  ])('%s', (text, fault) => {
    expect(bindText(text)).toMatchObject(fault);
  });
});

describe('$orderby', () => {
  const order = (text: string) => {
    const parsed = parseOrderBy(text);
    if ('kind' in parsed) throw new Error(JSON.stringify(parsed));
    return bindOrderBy(parsed, orderRules, { now });
  };

  it('names properties that can be sorted by, in any case', () => {
    expect(order('PlacedAt desc, address/city')).toEqual([
      { value: propertyValue({ scope: 0, segments: ['placedAt'], type: 'instant' }), isDescending: true },
      { value: propertyValue({ scope: 0, segments: ['address', 'city'], type: 'text' }), isDescending: false },
    ]);
  });

  it.each([
    ['secret', { kind: 'notSortable', name: 'secret', position: 0 }],
    ['name,nam', { kind: 'unknownProperty', position: 5 }],
    ['name,NAME desc', { kind: 'incompatible', position: 5 }],
    ['sku', { kind: 'unknownProperty' }],
    ['lines', { kind: 'incompatible' }],
    ['length(secret)', { kind: 'notSortable', name: 'secret', position: 7 }],
    ["contains(name,'x')", { kind: 'unsupported', position: 0 }],
    ['length(name),LENGTH(Name) desc', { kind: 'incompatible', position: 13 }],
    ['now()', { kind: 'unsupported', position: 0 }],
    ['name eq 1', { kind: 'unsupported' }],
    ["'x'", { kind: 'unsupported' }],
  ])('%s is refused', (text, fault) => {
    expect(order(text)).toMatchObject(fault);
  });
});

it('a wrong name has the names that it was probably meant to be', () => {
  const known = ['status', 'substatus', 'statusReason', 'name', 'details'];
  expect(nearestNames('stauts', known)).toEqual(['status']);
  expect(nearestNames('STATUS', known)[0]).toBe('status');
  expect(nearestNames('reason', known)).toEqual(['statusReason']);
  expect(nearestNames('zzzzzz', known)).toEqual([]);
  expect(nearestNames('x'.repeat(100_000), known)).toEqual([]);
});
