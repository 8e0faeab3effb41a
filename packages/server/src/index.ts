export { type RunningServer, startServer } from './app.ts';
export { type AppParts, buildApp, createSandbox, version } from './application.ts';
export type { ArchiveSummary, ArchiveTarget } from './archive/archive-reader.ts';
export { type ComparedTable, compareArchive } from './archive/compare-archive.ts';
export { isArchive } from './archive/format.ts';
export {
  type ArchiveFile,
  checkArchive,
  describeTarget,
  loadArchive,
  type OnProgress,
  openMoved,
} from './archive/load-archive.ts';
export { countAllRows, writeArchive } from './archive/write-archive.ts';
export { boundAddress, type Config, isLoopback, readConfig, settings } from './config.ts';
export type { Deletion } from './domain/delete-referral.ts';
export type { DirectoryChange } from './domain/directory/directory-change.ts';
export type { ImportOutcome, ImportReport } from './domain/import-referrals.ts';
export type { Retention } from './domain/retain-history.ts';
export type { SweepProgress } from './domain/sweep.ts';
export { statusOf } from './http/errors.ts';
export { extensions } from './http/extensions.ts';
export { openApiDocument } from './http/openapi.ts';
export { routes } from './http/routes.ts';
export { actMembers, acts } from './http/sandbox/sandbox-acts.ts';
export { createLog } from './log.ts';
export type { Observation, Observe } from './observations.ts';
export { type Exchange, hasExchange, openExchange, openSnapshot, openStore } from './open-exchange.ts';
export type { ExplainedStep, Explanation } from './operations/explain.ts';
export { explainOn } from './operations/explain-on.ts';
export { createOperations, type Operations, type StoreOperations } from './operations/operations.ts';
export { remoteOperations } from './operations/socket-client.ts';
export { socketPathOf } from './operations/socket-path.ts';
export { documentedReferralId, sampleAdmin } from './sample-exchange.ts';
export type { StoredAct } from './store/act.ts';
export { type ChainFault, type ChainHead, ChainReader } from './store/act-chain.ts';
export type { Directory } from './store/directory-entry.ts';
export type { Snapshot } from './store/snapshot.ts';
export { backUp } from './store/sqlite/backup.ts';
export { databasePathOf } from './store/sqlite/database-path.ts';
export { restore } from './store/sqlite/restore.ts';
export { StartupProblem } from './store/startup-problem.ts';
export type { Store, Surroundings } from './store/store.ts';
export { surroundings } from './surroundings.ts';
