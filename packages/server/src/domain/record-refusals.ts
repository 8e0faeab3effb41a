import type { Command } from '../store/store.ts';
import { recordAct } from './acts.ts';

/** Refusals of one user for one reason at one route, gathered. */
export interface GatheredRefusal {
  /** The tenant that his token's issuer speaks for. */
  readonly tenantId: string;
  readonly subject: string;
  readonly clientId: string | null;
  readonly isOperator: boolean;
  /** The `request-id` of the first of them. */
  readonly requestId: string;
  readonly code: string;
  readonly check: string;
  readonly route: string;
  readonly count: number;
}

/** Records of refusals that were gathered, and how many more there were than could be told apart. */
export interface GatheredRefusals {
  readonly refusals: readonly GatheredRefusal[];
  readonly others: number;
}

/** Records who was refused what after his token was proved. */
export const recordRefusals: Command<GatheredRefusals, null> = {
  name: 'recordRefusals',
  async run(transaction, { refusals, others }, surroundings) {
    for (const { tenantId, subject, clientId, isOperator, requestId, ...details } of refusals) {
      const tenant = await transaction.findTenant(tenantId);
      const by = { organizationId: tenant?.organizationId ?? null, subject, clientId, requestId, isOperator };
      await recordAct(transaction, surroundings, { kind: 'refused', subject: undefined, details, by });
    }
    if (others > 0) {
      const by = { organizationId: null, subject: null };
      const details = { code: '*', count: others };
      await recordAct(transaction, surroundings, { kind: 'refused', subject: undefined, details, by });
    }
    return null;
  },
};
