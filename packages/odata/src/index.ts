export { csdlJson, csdlXml } from './csdl.ts';
export { type DecimalFault, formatDecimal, parseDecimal, type TenThousandths } from './decimal.ts';
export type { EntityModel, EnumerationType, PrimitiveType, PropertyModel, StructuredType } from './entity-model.ts';
export { formatInstantAsGiven, formatInstantFixed, type Instant, parseInstant } from './instant.ts';
export { parseQueryOptions, type QueryOption } from './parse-query.ts';
export { parseResourcePath } from './resource-path.ts';
