export { type AccessCheckName, accessChecks, checkOf } from './access-checks.ts';
export { type ChildTable, type Column, childTables, referralColumns } from './columns.ts';
export { type DealType, dealTypeOf, dealTypes, isHelpAsked, isSharedWithMicrosoft } from './deal-type.ts';
export { type Difference, differencesBetween, isSame, mergeGiven } from './differences.ts';
export { foldEmail } from './email.ts';
export { referralEntityModel } from './entity-model-of.ts';
export { type EnumerationName, enumerations } from './enumerations.ts';
export { type Erasure, erasedText, type PersonEraser, personEraser } from './erase-person.ts';
export {
  type ErrorCode,
  Failure,
  type FailureDetail,
  type FailureKind,
  type FailureSlots,
  failure,
  failureRow,
  failures,
  type PlainFailure,
} from './failures.ts';
export { type Fault, type FaultCode, faultCodes } from './faults.ts';
export { formatReferral, modelVersion, type WireDocument } from './format-referral.ts';
export { applyPatch, type PatchFault, type PatchOperation, readOperations } from './json-patch.ts';
export { parsePointer } from './json-pointer.ts';
export { compactJson, type JsonFault, numberText, parseJson, pointerStep, positionOf } from './json-text.ts';
export { deepest, type JsonMember, type JsonNode } from './json-tree.ts';
export {
  entered,
  isOpen,
  isTerminal,
  type State,
  sideEffects,
  stateOf,
  substatusesOf,
  type TransitionName,
  transitionBetween,
  transitions,
} from './lifecycle.ts';
export { isMarketplaceLead } from './marketplace.ts';
export { type DocumentStep, documentSteps, isOlder, writeAnew } from './older-document.ts';
export { patchReferral } from './patch-referral.ts';
export {
  canGive,
  type Grant,
  grantOf,
  type Permission,
  permissions,
  type RoleAssignment,
  type RoleName,
  reaches,
  roles,
  rolesWith,
} from './permissions.ts';
export {
  membersOf,
  notesFor,
  type PropertyKind,
  type PropertyNotes,
  type PropertySchema,
  type Sharing,
} from './property.ts';
export {
  type BodyReading,
  type GivenReferral,
  type NewReferral,
  readNewReferral,
  readReplacement,
} from './read-body.ts';
export { type PathAccess, type ReferralOperation, readPatch } from './read-patch.ts';
export { type Reading, readReferral } from './read-referral.ts';
export { guidPattern } from './read-scalars.ts';
export { readStored } from './read-stored.ts';
export { type Referral, referralSchema, referralTable } from './referral.ts';
export { referralQueryRules } from './referral-query.ts';
export {
  editableRegistrationPaths,
  judgeRegistration,
  type RegistrationVerdict,
  type ReviewReason,
} from './registration.ts';
export type { EngagementFacts, RegistrationFacts } from './registration-case.ts';
export {
  type DataFault,
  type RegistrationData,
  type RegistrationFile,
  readRegistrationData,
  registrationFiles,
} from './registration-data.ts';
export {
  type ExceptionVerdict,
  exceptionSubstatuses,
  exceptionWithinDays,
  judgeException,
  longestJustification,
  reviewException,
} from './registration-exception.ts';
export { type ReviewCode, registrationRules } from './registration-rules.ts';
export {
  moveOf,
  type Registration,
  type RegistrationMove,
  type RegistrationStatus,
  type ReviewDecision,
  registrationMoves,
  registrationStates,
  reviewDecisions,
  reviewRegistration,
} from './registration-states.ts';
export { requirements, unmetRequirements } from './requirements.ts';
export { readSalesStage, salesStages } from './sales-stage.ts';
export { type SchemaUse, schemaFor } from './schema-for.ts';
export { searchTextOf, searchVersion } from './search-text.ts';
export { isAccepted, maskView, type SharingLevel, sharingOf, viewAt } from './shared-view.ts';
export { withStoredItems } from './stored-items.ts';
export type { ValueList } from './values/value-list.ts';
export { type ValueListName, valueLists } from './values/value-lists.ts';
export type { Warning } from './walk.ts';
export {
  type Capability,
  capabilitiesOf,
  judgeChange,
  judgeProperty,
  judgeTransition,
  type Refusal,
  refusal,
  type WritablePath,
  type WriteRule,
  waysFrom,
  writablePaths,
  writeRules,
} from './write-rules.ts';
