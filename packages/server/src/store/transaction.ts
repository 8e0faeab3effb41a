import { actWrites } from './acts.ts';
import { changeWrites } from './changes.ts';
import { clientWrites } from './clients.ts';
import { consentWrites } from './consents.ts';
import { credentialWrites } from './credentials.ts';
import { derivedReads } from './derived-rows.ts';
import { directoryWrites } from './directory.ts';
import { invitationWrites } from './invitations.ts';
import { keptAnswerWrites } from './kept-answers.ts';
import { providerWrites } from './provider-records.ts';
import { referralWrites } from './referrals.ts';
import { routingWrites } from './routing.ts';
import type { Connection } from './sql.ts';
import type { Transaction } from './store.ts';
import { sweepWrites } from './sweeps.ts';
import { tableWrites } from './table-rows.ts';

/** Everything that a command can do on a connection within a transaction; only locks differ between the engines. */
export function transactionOn(connection: Connection, lock: Transaction['lock']): Transaction {
  return {
    ...referralWrites(connection),
    ...changeWrites(connection),
    ...keptAnswerWrites(connection),
    ...routingWrites(connection),
    ...directoryWrites(connection),
    ...tableWrites(connection),
    ...sweepWrites(connection),
    ...derivedReads(connection),
    ...actWrites(connection),
    ...providerWrites(connection),
    ...invitationWrites(connection),
    ...credentialWrites(connection),
    ...clientWrites(connection),
    ...consentWrites(connection),
    lock,
  };
}
