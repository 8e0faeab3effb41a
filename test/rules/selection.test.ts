import { selectionOf, selectMembers } from '@cosell/server/http/selection';
import { describe, expect, it } from 'vitest';

const document =
  '{"@odata.context":"x","a":1.50,"b":{"c":"\\u00e9","d":{"e":null,"f":1e2}},"g":[{"h":1,"i":[{"j":2,"k":3}]},null,{"i":[]}],"l":null}';

describe('a selection of a document', () => {
  it.each([
    [['l', 'a'], '"a":1.50,"l":null'],
    [['b'], '"b":{"c":"\\u00e9","d":{"e":null,"f":1e2}}'],
    [['b/d/f'], '"b":{"d":{"f":1e2}}'],
    [['b/d', 'b/d/f'], '"b":{"d":{"e":null,"f":1e2}}'],
    [['b/d/f', 'b/d'], '"b":{"d":{"e":null,"f":1e2}}'],
    [['b/d/f', 'b/c', 'a'], '"a":1.50,"b":{"c":"\\u00e9","d":{"f":1e2}}'],
    [['g/h'], '"g":[{"h":1},null,{}]'],
    [['g/i/k'], '"g":[{"i":[{"k":3}]},null,{"i":[]}]'],
    [['l/x'], '"l":null'],
    [['b/missing'], '"b":{}'],
    [['missing'], ''],
    [['__proto__/a', 'constructor'], ''],
  ])('%j leaves the text of its values as it stands', (paths, members) => {
    const whole = `{"@odata.context":"x"${members === '' ? '' : ','}${members}}`;
    expect(selectMembers(document, selectionOf(paths))).toBe(whole);
  });
});
