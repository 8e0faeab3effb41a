import {
  parseFilter,
  parseLiteral,
  parseOrderBy,
  parseQueryOptions,
  parseSearch,
  parseSelect,
  type SizeFault,
  type SyntaxFault,
  type ValueForm,
} from '@cosell/odata';
import { describe, expect, it } from 'vitest';
import { readConformance } from '../support/conformance.ts';

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly input: string;
  readonly failAt?: number;
}

type Fault = SyntaxFault | SizeFault;

function faultOf(parsed: { readonly kind: string } | readonly unknown[]): Fault | undefined {
  if (!('kind' in parsed)) return undefined;
  // Of what parsers give, only these two kinds are faults.
  return parsed.kind === 'malformed' || parsed.kind === 'tooLarge' ? (parsed as Fault) : undefined;
}

const expression = (text: string) => faultOf(parseFilter(decodeURIComponent(text)));
const valueAs = (form: ValueForm) => (text: string) => faultOf(parseLiteral(text, form));

/** The first fault of the options of a query string that hold expressions; it stands in the option's own value. */
function options(text: string): Fault | undefined {
  const read = parseQueryOptions(text);
  if (read === undefined) throw new Error(`${text} is not encoded as it should be`);
  for (const { name, value } of read) {
    if (!/^(\$?(filter|orderby|search)|@\w+)$/i.test(name)) continue;
    const parse = /orderby$/i.test(name) ? parseOrderBy : /search$/i.test(name) ? parseSearch : parseFilter;
    const fault = faultOf(parse(value));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What is wrong with a text that a rule of the OData ABNF describes. Inputs are percent-encoded, as in a URL. */
const parsers: Readonly<Record<string, (text: string) => Fault | undefined>> = {
  boolCommonExpr: expression,
  commonExpr: expression,
  anyExpr: (text) => expression(`x/${text}`),
  firstMemberExpr: expression,
  propertyPathExpr: expression,
  isofExpr: expression,
  primitiveLiteral: (text) => faultOf(parseLiteral(decodeURIComponent(text))),
  stringLiteral: (text) => faultOf(parseLiteral(decodeURIComponent(text))),
  enumLiteral: (text) => faultOf(parseLiteral(text)),
  boolean: valueAs('boolean'),
  guid: valueAs('guid'),
  date: valueAs('date'),
  dateTimeOffsetValue: valueAs('instant'),
  timeOfDayValue: valueAs('time'),
  durationValue: valueAs('duration'),
  decimalValue: valueAs('number'),
  doubleValue: valueAs('number'),
  enumValue: valueAs('enumeration'),
  primitiveValue: valueAs('enumeration'),
  filter: options,
  select: (text) => faultOf(parseSelect(decodeURIComponent(text.replace('$select=', '')))),
  orderby: options,
  orderBy: options,
  search: options,
  searchExpr: (text) => faultOf(parseSearch(decodeURIComponent(text))),
};

/** Cases that say nothing of expressions here, each with its reason. */
const leftOut: Readonly<Record<string, string>> = {
  '$search=#1': 'a URL ends in front of #, so this text reaches nobody; as %23 it is legal',
  '$search=a;b': 'a parser sees the decoded text, in which ; may be the legal %3B of another case',
  '$filter =true': 'the name of the option is wrong, not its expression; the HTTP layer refuses such a name',
};

const cases = readConformance<Case>('odata-cases.json', 164).filter(
  ({ rule, input }) =>
    leftOut[input] === undefined &&
    (rule in parsers ||
      (rule === 'queryOptions' && /\$(filter|orderby)=/.test(input) && !/\$select=/.test(input)) ||
      (rule === 'queryOptions' && /^\$?search=/.test(input))),
);

describe('OASIS OData ABNF: expressions and values', () => {
  it.runIf(cases.length > 0)('has the cases that this suite was written for', () => {
    const failing = cases.filter(({ failAt }) => failAt !== undefined);
    console.log(
      `OASIS OData ABNF: ${cases.length - failing.length} expressions and values parse, ${failing.length} are refused ` +
        `where they should be, ${Object.keys(leftOut).length} left out`,
    );
    expect(cases.length).toBeGreaterThanOrEqual(140);
    expect(failing.length).toBeGreaterThanOrEqual(15);
  });

  it.each(cases.map((given) => [given.rule, given.input, given] as const))('%s %s', (rule, input, { failAt }) => {
    const fault = (parsers[rule] ?? options)(input);
    expect(fault === undefined ? undefined : 'position' in fault ? fault.position : fault.limit).toBe(failAt);
  });
});
