import { listChanges } from './changes.ts';
import { countReferrals, listReferrals } from './list.ts';
import type { TimedConnection } from './sql.ts';
import type { Scans } from './store.ts';

/** The reads that may look at many rows, alike on both engines. */
export function scansOn(connection: TimedConnection): Scans {
  return {
    listReferrals: (scope, page) => listReferrals(connection, scope, page),
    countReferrals: (scope) => countReferrals(connection, scope),
    listChanges: (organizationId, referralId) => listChanges(connection, organizationId, referralId),
  };
}
