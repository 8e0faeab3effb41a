import type { Command } from '../store/store.ts';
import { changeReferral } from './change-referral.ts';
import { createReferral } from './create-referral.ts';
import { changeDirectory } from './directory.ts';
import { expireDue } from './expiry.ts';
import { importReferrals } from './import-referrals.ts';
import { loadExchange } from './load-exchange.ts';
import { beginMove, endMove, moveRows } from './move-in.ts';
import { resetExchange, setClock } from './sandbox.ts';
import { addFirstSigningKey } from './signing-keys.ts';
import { addSkipTokenKey } from './skip-token-key.ts';

/** Every write of the domain. The writer's thread finds them here by name. */
export const commands = [
  addFirstSigningKey,
  beginMove,
  changeDirectory,
  changeReferral,
  createReferral,
  endMove,
  expireDue,
  importReferrals,
  loadExchange,
  moveRows,
  resetExchange,
  setClock,
  addSkipTokenKey,
] as const satisfies readonly Command<never, unknown>[];
