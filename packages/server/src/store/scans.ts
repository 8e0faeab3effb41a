import { listActs } from './acts.ts';
import { aggregateReferrals, countAggregates } from './aggregates.ts';
import { listChanges } from './changes.ts';
import { countReferrals, listReferrals } from './list.ts';
import { logScansOn } from './log-scans.ts';
import type { TimedConnection } from './sql.ts';
import type { SnapshotScans } from './store.ts';

/**
 * The reads that may look at many rows, alike on both engines: each on the connection for its organisation.
 *
 * @param all what stands for all organisations
 */
export function scansOn<All>(connectionOf: (whose: string | All) => TimedConnection, all: All): SnapshotScans {
  return {
    ...logScansOn(connectionOf),
    listReferrals: (scope, page) => listReferrals(connectionOf(scope.organizationId), scope, page),
    countReferrals: (scope) => countReferrals(connectionOf(scope.organizationId), scope),
    aggregateReferrals: (scope, plan, page) =>
      aggregateReferrals(connectionOf(scope.organizationId), scope, { plan, page }),
    countAggregates: (scope, plan) => countAggregates(connectionOf(scope.organizationId), scope, plan),
    listChanges: (organizationId, referralId) => listChanges(connectionOf(organizationId), organizationId, referralId),
    listActs: (asked) => listActs(connectionOf(all), asked),
  };
}
