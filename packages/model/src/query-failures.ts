/**
 * The refusals of queries, a part of the table of failures. Where ASP.NET Core OData has a text of its own, clients may
 * know it, so it is taken over.
 */
export const queryFailures = {
  expressionMalformed: {
    code: 'invalidRequest',
    message: 'The option {option} is not legal OData: at position {position} stands {found}. Write {expected} there.',
    inner: 'Malformed expression',
    target: '{option}',
  },
  expressionTooLarge: {
    code: 'invalidRequest',
    message: 'The option {option} is larger than is allowed: at most {limit}. Ask in several requests.',
    inner: 'Expression is too large',
    target: '{option}',
  },
  expressionNotImplemented: {
    code: 'invalidRequest',
    message:
      'In {option}, at position {position}, stands {what}, which is legal OData that this version does not support. Ask without it.',
    inner: 'Expression is not implemented',
    target: '{option}',
  },
  propertyUnknown: {
    code: 'invalidRequest',
    message: "Could not find a property named '{name}' on type '{owner}' (position {position} of {option}). {advice}",
    inner: 'Unknown property',
    target: '{option}',
  },
  functionUnknown: {
    code: 'invalidRequest',
    message: "An unknown function with name '{name}' was found at position {position} of {option}. {advice}",
    inner: 'Unknown function',
    target: '{option}',
  },
  operandsIncompatible: {
    code: 'invalidRequest',
    message: 'The option {option} does not fit the types of its properties: at position {position}, {problem}.',
    inner: 'Incompatible operands',
    target: '{option}',
  },
  notFilterable: {
    code: 'invalidRequest',
    message:
      "The property '{name}' cannot be used in the $filter query option. Use one that docs/referral.md marks in the column Filter.",
    inner: 'Property cannot be used in $filter',
    target: '$filter',
  },
  notSortable: {
    code: 'invalidRequest',
    message:
      "The property '{name}' cannot be used in the $orderby query option. Sort by createdDateTime or updatedDateTime.",
    inner: 'Property cannot be used in $orderby',
    target: '$orderby',
  },
  notAggregatable: {
    code: 'invalidRequest',
    message:
      "The property '{name}' cannot be used in {option} (position {position}). Use one that docs/referral.md marks in the column Filter.",
    inner: 'Property cannot be used in $apply',
    target: '{option}',
  },
  optionValueInvalid: {
    code: 'invalidRequest',
    message: "The value '{value}' of {option} is not one that it can have. Write {expected}.",
    inner: 'Invalid value of a query option',
    target: '{option}',
  },
  skipTokenInvalid: {
    code: 'invalidRequest',
    message:
      'The value of $skiptoken is not one that this exchange gave this user. Follow @odata.nextLink as it stands, or begin again without $skiptoken.',
    inner: 'Skip token is invalid',
    target: '$skiptoken',
  },
  skipTokenMismatch: {
    code: 'invalidRequest',
    message:
      'The option {option} differs from the query that $skiptoken continues. Leave it out, because the token carries the whole query, or begin again without $skiptoken.',
    inner: 'Skip token belongs to another query',
    target: '{option}',
  },
} as const;
