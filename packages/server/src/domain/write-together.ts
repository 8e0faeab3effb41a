import { Failure } from '@cosell/model';
import type { Command } from '../store/store.ts';
import { type ChangeOrder, changeReferral } from './change-referral.ts';
import { type CreateOrder, createReferral } from './create-referral.ts';
import type { WriteOutcome } from './write-outcome.ts';

/** A write that can be one of several. */
export type JoinedOrder =
  | { readonly command: 'createReferral'; readonly input: CreateOrder }
  | { readonly command: 'changeReferral'; readonly input: ChangeOrder };

/** The slot of a failure that says which of several orders has failed. */
export const failedOrderSlot = 'failedOrder';

/**
 * Does several writes in their order, all of them or none (OData Protocol 4.01, section 11.7.2).
 *
 * @throws Failure of the first order that fails, with its place in `failedOrderSlot`
 */
export const writeTogether: Command<{ readonly orders: readonly JoinedOrder[] }, WriteOutcome[]> = {
  name: 'writeTogether',
  async run(transaction, { orders }, surroundings) {
    // Locked in one order by everybody, two groups never wait for each other.
    const engagements = [...new Set(orders.map(engagementOf))].filter((id) => id !== undefined).sort();
    for (const id of engagements) await transaction.lock(`engagement ${id}`);
    const outcomes: WriteOutcome[] = [];
    for (const [place, { command, input }] of orders.entries()) {
      try {
        const outcome =
          command === 'createReferral'
            ? createReferral.run(transaction, input, surroundings)
            : changeReferral.run(transaction, input, surroundings);
        outcomes.push(await outcome);
      } catch (error) {
        throw error instanceof Failure ? ofOrder(error, place) : error;
      }
    }
    return outcomes;
  },
};

function engagementOf({ command, input }: JoinedOrder): string | undefined {
  return command === 'createReferral' ? input.content.given.engagementId : input.engagementId;
}

function ofOrder(error: Failure, place: number): Failure {
  const plain = error.toPlain();
  return Failure.fromPlain({ ...plain, slots: { ...plain.slots, [failedOrderSlot]: String(place) } });
}
