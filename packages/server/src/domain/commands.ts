import type { Command } from '../store/store.ts';
import { changeDirectory } from './directory.ts';
import { importReferrals } from './import-referrals.ts';
import { loadExchange } from './load-exchange.ts';
import { addFirstSigningKey } from './signing-keys.ts';

/** Every write of the domain. The writer's thread finds them here by name. */
export const commands = [
  addFirstSigningKey,
  changeDirectory,
  importReferrals,
  loadExchange,
] as const satisfies readonly Command<never, unknown>[];
