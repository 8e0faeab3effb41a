import { type BindFault, bindSelect, parseSelect, type SizeFault, type SyntaxFault } from '@cosell/odata';
import { describe, expect, it } from 'vitest';
import { orderRules } from '../support/orders.ts';

type Refusal = SyntaxFault | SizeFault | BindFault;

/** The names that a text selects, or why it does not. */
function select(text: string): readonly string[] | Refusal | undefined {
  const parsed = parseSelect(text);
  if ('kind' in parsed) return parsed;
  const bound = bindSelect(parsed, orderRules);
  return 'kind' in bound ? bound : bound.names;
}

describe('$select', () => {
  it.each([
    ['id', ['id']],
    [' id , name ', ['id', 'name']],
    ['ID,Name,iD', ['id', 'name']],
    ['address/city', ['address/city']],
    ['ADDRESS / City', ['address/city']],
    ['lines/sku,lines/parts/amount', ['lines/sku', 'lines/parts/amount']],
    ['address,address/city', ['address', 'address/city']],
    ['secret,notes', ['secret', 'notes']],
    ['*', undefined],
    ['id, *', undefined],
  ])('%s names members, as the model spells them', (text, names) => {
    expect(select(text)).toEqual(names);
  });

  it.each([
    ['', 0, 'the end', 'the name of a property or *'],
    ['id,', 3, 'the end', 'the name of a property or *'],
    [',id', 0, '","', 'the name of a property or *'],
    ['id name', 3, 'name', 'a comma or the end'],
    ['id eq 1', 3, 'eq', 'a comma or the end'],
    ['address/', 8, 'the end', 'the name of a property'],
    ['address//city', 8, '"/"', 'the name of a property'],
    ['address/*', 8, '"*"', 'the name of a property'],
    ['/address', 0, '"/"', 'the name of a property or *'],
    ["'id'", 0, `"'"`, 'the name of a property or *'],
    ['5', 0, '"5"', 'the name of a property or *'],
    ['id;name', 2, '";"', 'a comma or the end'],
    ['lines($select=sku', 17, 'the end', 'the parenthesis that closes the one at 5'],
    ["lines($filter=sku eq ')", 23, 'the end', "the closing ' of the text that begins at 21"],
    ['lines($select=sku)/amount', 18, '"/"', 'a comma or the end'],
    ['id\0', 2, 'U+0000', 'a comma or the end'],
  ])('%s is not legal, and the position says where', (text, position, found, expected) => {
    expect(select(text)).toEqual({ kind: 'malformed', position, found, expected });
  });

  it.each([
    ['nmae', 0, 'nmae', 'Order', ['name']],
    ['id,adress/city', 3, 'adress', 'Order', ['address']],
    ['address/contry', 8, 'contry', 'Address', ['country']],
    ['lines/parts/skew', 12, 'skew', 'Line', ['sku']],
    ['name/first', 5, 'first', 'a value', []],
    ['null', 0, 'null', 'Order', []],
    ['xx($select=id)', 0, 'xx', 'Order', []],
    ['constructor', 0, 'constructor', 'Order', []],
  ])('%s names nothing, and the nearest is said', (text, position, name, owner, nearest) => {
    expect(select(text)).toMatchObject({ kind: 'unknownProperty', position, name, owner });
    expect((select(text) as { nearest: readonly string[] }).nearest.slice(0, 1)).toEqual(nearest);
  });

  it.each([
    ['lines($select=sku,amount;$top=5)', 5, 'what is in parentheses behind lines'],
    ["lines($filter=sku eq 'a)''(';$orderby=amount desc)", 5, 'what is in parentheses behind lines'],
    ['address ( $select = ( city ) )', 8, 'what is in parentheses behind address'],
    ['Shop.*', 0, 'all operations of Shop'],
    ['id,Shop.Sales.*', 3, 'all operations of Shop.Sales'],
    ['Shop.Order/name', 0, 'Shop.Order'],
    ['address/Shop.Address/city', 8, 'Shop.Address'],
    ['@Core.Messages($top=5)', 0, '@Core.Messages'],
    ['lines/$count', 6, '$count'],
    ['$it/name', 0, '$it'],
  ])('%s is legal, and not supported', (text, position, what) => {
    expect(select(text)).toEqual({ kind: 'unsupported', position, what });
  });

  it('has limits', () => {
    expect(parseSelect('x'.repeat(8_001))).toEqual({ kind: 'tooLarge', limit: 'length', allowed: 8_000 });
    expect(parseSelect(Array.from({ length: 601 }, () => 'a').join())).toEqual({
      kind: 'tooLarge',
      limit: 'nodes',
      allowed: 600,
    });
    expect(select(`lines(${'('.repeat(3_000)}${')'.repeat(3_000)})`)).toMatchObject({ kind: 'unsupported' });
  });
});
