import { type Fault, type GivenReferral, guidPattern } from '@cosell/model';
import type { Transaction } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { microsoft } from './engagements.ts';
import { faultAt } from './refusals.ts';

/** Another organisation that is to own a new record, by the location that was targeted. */
export interface Receiver {
  readonly organizationId: string;
  readonly mpnId: string | null;
  /** JSON pointer of the target. */
  readonly pointer: string;
}

/**
 * Who the targets of a POST name, if that is somebody else (decision 13). A target of one's own organisation is none.
 */
export async function receiverOf(
  transaction: Transaction,
  caller: AdmittedCaller,
  given: GivenReferral,
): Promise<{ receiver: Receiver | undefined; faults: Fault[] }> {
  const faults: Fault[] = [];
  const receivers: Receiver[] = [];
  for (const [index, { type, id }] of (given.target ?? []).entries()) {
    if (type !== 'BusinessProfileLocation') continue;
    const pointer = `/target/${index}/id`;
    const found = await findReceiver(transaction, id ?? '', pointer);
    if (found === undefined) {
      const message =
        'There is no location with this id that takes referrals. Use the id of its business profile, or msft.';
      faults.push(faultAt('targetNotAvailable', pointer, message));
    } else if (found.organizationId !== caller.organizationId) receivers.push(found);
  }
  if (receivers.length > 1) {
    const message = 'A record has one owner. Send one request for each organisation.';
    faults.push(faultAt('tooManyReceivers', receivers[1]?.pointer ?? '/target', message));
  }
  return { receiver: receivers[0], faults };
}

async function findReceiver(transaction: Transaction, id: string, pointer: string): Promise<Receiver | undefined> {
  if (id.toLowerCase() === microsoft) {
    const organization = await transaction.findOrganization(microsoft);
    return organization?.isActive !== true ? undefined : { organizationId: microsoft, mpnId: null, pointer };
  }
  if (!guidPattern.test(id)) return undefined;
  const location = await transaction.findLocation(id.toLowerCase());
  return location === undefined
    ? undefined
    : { organizationId: location.organizationId, mpnId: location.mpnId, pointer };
}
