import { parseFilter, parseOrderBy, parseQueryOptions } from '@cosell/odata';
import { describe, expect, it } from 'vitest';
import { readConformance } from '../support/conformance.ts';

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly input: string;
  readonly failAt?: number;
}

const isLegal = (parsed: ReturnType<typeof parseFilter> | ReturnType<typeof parseOrderBy>) =>
  !('kind' in parsed && (parsed.kind === 'malformed' || parsed.kind === 'tooLarge'));

const parsesFilter = (text: string) => isLegal(parseFilter(text));

/** Whether the options of a query string that hold expressions are legal. */
function parsesOptions(text: string): boolean {
  const options = parseQueryOptions(text) ?? [];
  return options.every(({ name, value }) => {
    if (/^\$?filter$/.test(name)) return parsesFilter(value);
    if (/^\$?orderby$/.test(name)) return isLegal(parseOrderBy(value));
    return true;
  });
}

const decoded = (text: string) => decodeURIComponent(text);

/** Whether we parse what a rule of the OData ABNF describes. Inputs are percent-encoded, as in a URL. */
const parsers: Readonly<Record<string, (text: string) => boolean>> = {
  boolCommonExpr: (text) => parsesFilter(decoded(text)),
  commonExpr: (text) => parsesFilter(decoded(text)),
  firstMemberExpr: (text) => parsesFilter(decoded(text)),
  propertyPathExpr: (text) => parsesFilter(decoded(text)),
  isofExpr: (text) => parsesFilter(decoded(text)),
  primitiveLiteral: (text) => parsesFilter(decoded(text)),
  stringLiteral: (text) => parsesFilter(decoded(text)),
  guid: parsesFilter,
  enumLiteral: parsesFilter,
  timeOfDayValue: parsesFilter,
  filter: parsesOptions,
  orderby: parsesOptions,
  orderBy: parsesOptions,
};

/** Cases that say nothing of expressions here, each with its reason. */
const leftOut: Readonly<Record<string, string>> = {
  '24:00:00': 'no property is a time of day, so a comparison with any of them is refused when it is bound',
  '$filter =true': 'the name of the option is wrong, not its expression; the HTTP layer refuses such a name',
};

const cases = readConformance<Case>('odata-cases.json', 130).filter(
  ({ rule, input }) =>
    leftOut[input] === undefined && (rule in parsers || (rule === 'queryOptions' && /\$(filter|orderby)=/.test(input))),
);

describe('OASIS OData ABNF: expressions', () => {
  it.runIf(cases.length > 0)('has the cases that this suite was written for', () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
  });

  it.each(cases.map((given) => [given.rule, given.input, given] as const))('%s %s', (rule, input, { failAt }) => {
    const parse = parsers[rule] ?? parsesOptions;
    expect(parse(input)).toBe(failAt === undefined);
  });
});
