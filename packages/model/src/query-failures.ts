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
      'The option {option} differs from the query that {token} continues. Leave it out, because the token carries the whole query, or begin again without {token}.',
    inner: 'Skip token belongs to another query',
    target: '{option}',
  },
  deltaTokenInvalid: {
    code: 'invalidRequest',
    message:
      'The value of $deltatoken is not one that this exchange gave this user. Follow @odata.deltaLink as it stands, or begin again with the list and Prefer: odata.track-changes.',
    inner: 'Delta token is invalid',
    target: '$deltatoken',
  },
  changesUnknown: {
    code: 'itemNotFound',
    message:
      'What has changed since this link was given cannot be told any more: {reason}. Begin again with the list and Prefer: odata.track-changes.',
    inner: 'Changes are not known any more',
    target: '$deltatoken',
  },
  notTracked: {
    code: 'invalidRequest',
    message:
      'The changes of a list cannot be tracked with {option}. Leave it out, or ask for the list without Prefer: odata.track-changes.',
    inner: 'Changes cannot be tracked',
    target: '{option}',
  },
} as const;
