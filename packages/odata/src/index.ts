export type { AliasLookup } from './aliases.ts';
export { type Annotation, type AnnotationRecord, type AnnotationValue, pathsOf, recordOf } from './annotation.ts';
export { type ApplyPlan, entityFilter, filterResults, type ResultProperty, withoutEntityFilter } from './apply-plan.ts';
export type { TransformationSyntax } from './apply-syntax.ts';
export { type ApplyParts, type ApplySource, applyToSql, resultColumns } from './apply-to-sql.ts';
export { type BindContext, type BoundFilter, bind, bindOrderBy, bindSelect } from './bind.ts';
export { bindApply } from './bind-apply.ts';
export type { BindWarning } from './bind-condition.ts';
export type { BindFault, BindRules, ValueReader } from './bind-path.ts';
export { bindSearch, searchCollection, searchMember, type WordQuery, wordsRequiredBy } from './bind-search.ts';
export { csdl, csdlJson } from './csdl.ts';
export { type DecimalFault, formatDecimal, parseDecimal, type TenThousandths } from './decimal.ts';
export type {
  EntityModel,
  EntitySet,
  EnumerationType,
  PrimitiveType,
  PropertyModel,
  StructuredType,
} from './entity-model.ts';
export { compareValues, type EntityReader, evaluate, evaluateValue } from './evaluate.ts';
export { evaluateApply, type ResultRow, readerOfResults } from './evaluate-apply.ts';
export { foldName } from './fold-name.ts';
export { foldWords, longestWord } from './fold-words.ts';
export { formatResult, parseResultValue } from './format-result.ts';
export { answeredFunctions } from './functions.ts';
export {
  formatInstantAsGiven,
  formatInstantFixed,
  type Instant,
  parseInstant,
  toInstantAsGiven,
  toInstantFixed,
} from './instant.ts';
export { type ExpressionLimits, expressionLimits, type SizeFault, searchLimits } from './limits.ts';
export { nearestNames } from './nearest-names.ts';
export type { SqlDialect } from './operations.ts';
export { parseApply } from './parse-apply.ts';
export { parseFilter, parseLiteral } from './parse-filter.ts';
export { type OrderBySyntax, parseOrderBy } from './parse-order-by.ts';
export { parseQueryOptions, type QueryOption } from './parse-query.ts';
export { parseSearch, type SearchSyntax } from './parse-search.ts';
export { parseSelect, type SelectPath, type SelectSegment, type SelectSyntax } from './parse-select.ts';
export {
  allOf,
  andTerms,
  type Comparison,
  type OrderKey,
  type Predicate,
  type PropertyPath,
  propertyValue,
  requiredValue,
  type Scalar,
  type ScalarType,
  type Value,
} from './predicate.ts';
export { parseResourcePath } from './resource-path.ts';
export { longestSearchableText, searchableText } from './searchable-text.ts';
export { type ColumnLookup, itemAlias, type SqlFragment, type SqlFragmentValue } from './sql-fragment.ts';
export type { Expression, LiteralSyntax } from './syntax.ts';
export { toSql, valueToSql } from './to-sql.ts';
export { type SyntaxFault, type Token, tokenize } from './tokens.ts';
export type { ValueForm } from './value-forms.ts';
