import type { Change } from '../change.ts';
import type { Transaction } from '../store.ts';

/**
 * Every transaction takes the numbers of its changes last, and those of several organisations in the same order: else
 * two of them would each hold a sequence that the other waits for.
 *
 * @param below the transaction
 * @returns one that gathers its changes, and what takes their numbers in the end
 */
export function changesLast(below: Transaction): { transaction: Transaction; append(): Promise<void> } {
  const changes = new Map<string, Change[]>();
  const appendChanges = async (organizationId: string, some: readonly Change[]) => {
    const gathered = changes.get(organizationId) ?? [];
    changes.set(organizationId, gathered);
    gathered.push(...some);
  };
  const append = async () => {
    const inOrder = [...changes].sort(([one], [other]) => (one < other ? -1 : 1));
    changes.clear();
    for (const [organizationId, some] of inOrder) await below.appendChanges(organizationId, some);
  };
  return {
    transaction: {
      ...below,
      appendChanges,
      appendChange: (change) => appendChanges(change.organizationId, [change]),
      async listPast(organizationId, referralId) {
        await append();
        return below.listPast(organizationId, referralId);
      },
      // What takes documents out of the log takes them out of what is not written yet, too.
      async emptyChanges(organizationId, referralId, kind) {
        await append();
        return below.emptyChanges(organizationId, referralId, kind);
      },
    },
    append,
  };
}
