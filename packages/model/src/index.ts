export { type ChildTable, type Column, childTables, referralColumns } from './columns.ts';
export { referralEntityModel } from './entity-model-of.ts';
export { type EnumerationName, enumerations } from './enumerations.ts';
export {
  type ErrorCode,
  Failure,
  type FailureKind,
  type FailureSlots,
  failure,
  failureRow,
  failures,
} from './failures.ts';
export { type Fault, type FaultCode, faultCodes } from './faults.ts';
export { formatReferral, modelVersion, type WireDocument } from './format-referral.ts';
export { compactJson, type JsonFault, type JsonNode, parseJson, positionOf } from './json-text.ts';
export { isMarketplaceLead } from './marketplace.ts';
export { type Grant, grantOf, type Permission, type RoleAssignment, type RoleName, roles } from './permissions.ts';
export { membersOf, notesFor, type PropertyKind, type PropertyNotes, type PropertySchema } from './property.ts';
export { guidPattern, type Reading, readReferral } from './read-referral.ts';
export { type Referral, referralSchema, referralTable } from './referral.ts';
export { type SchemaUse, schemaFor } from './schema-for.ts';
export { isAccepted, sharedView } from './shared-view.ts';
export type { ValueList } from './values/value-list.ts';
export { type ValueListName, valueLists } from './values/value-lists.ts';
