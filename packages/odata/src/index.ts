export { type BindWarning, type BoundFilter, bindFilter, bindOrderBy, bindSelect } from './bind.ts';
export type { BindFault, BindRules, ValueReader } from './bind-path.ts';
export { csdlJson, csdlXml } from './csdl.ts';
export { type DecimalFault, formatDecimal, parseDecimal, type TenThousandths } from './decimal.ts';
export type { EntityModel, EnumerationType, PrimitiveType, PropertyModel, StructuredType } from './entity-model.ts';
export { type EntityReader, evaluate } from './evaluate.ts';
export {
  formatInstantAsGiven,
  formatInstantFixed,
  type Instant,
  parseInstant,
  toInstantAsGiven,
  toInstantFixed,
} from './instant.ts';
export { nearestNames } from './nearest-names.ts';
export { type ExpressionLimits, expressionLimits, parseFilter, type SizeFault } from './parse-filter.ts';
export { type OrderBySyntax, parseOrderBy } from './parse-order-by.ts';
export { parseQueryOptions, type QueryOption } from './parse-query.ts';
export { parseSelect, type SelectSyntax } from './parse-select.ts';
export {
  allOf,
  andTerms,
  type Comparison,
  type OrderKey,
  type Predicate,
  type PropertyPath,
  type Scalar,
  type ScalarType,
} from './predicate.ts';
export { parseResourcePath } from './resource-path.ts';
export type { Expression } from './syntax.ts';
export { type ColumnLookup, itemAlias, type SqlFragment, type SqlFragmentValue, toSql } from './to-sql.ts';
export { type SyntaxFault, type Token, tokenize } from './tokens.ts';
