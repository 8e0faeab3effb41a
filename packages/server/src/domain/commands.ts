import type { Command } from '../store/store.ts';
import { changeReferral } from './change-referral.ts';
import { grantConsent } from './consents.ts';
import { createReferral } from './create-referral.ts';
import {
  addSamplePassword,
  beginAttempt,
  endAttempt,
  recordSignIn,
  setPassword,
  setSecondFactor,
} from './credentials.ts';
import { deleteReferral } from './delete-referral.ts';
import { acceptInvitation } from './directory/accept-invitation.ts';
import { changeDirectory } from './directory/change-directory.ts';
import { erasePerson } from './erase-person.ts';
import { expireDue } from './expiry.ts';
import { importReferrals } from './import-referrals.ts';
import { loadExchange } from './load-exchange.ts';
import { beginMove, endMove, moveRows } from './move-in.ts';
import { addProviderKey } from './provider-key.ts';
import {
  consumeProviderRecord,
  endRefreshTokens,
  forgetEndedProviderRecords,
  forgetProviderRecord,
  keepProviderRecord,
  revokeProviderGrant,
} from './provider-records.ts';
import { recordActs } from './record-acts.ts';
import { recordRefusals } from './record-refusals.ts';
import { reindex } from './reindex.ts';
import { retainHistory } from './retain-history.ts';
import { resetExchange, setClock } from './sandbox.ts';
import { beginSearchTexts } from './search-texts.ts';
import { addFirstSigningKey, rotateSigningKeys } from './signing-keys.ts';
import { addSkipTokenKey } from './skip-token-key.ts';
import { writeTogether } from './write-together.ts';

/** Every write of the domain. The writer's thread finds them here by name. */
export const commands = [
  acceptInvitation,
  addFirstSigningKey,
  addProviderKey,
  addSamplePassword,
  beginAttempt,
  beginMove,
  beginSearchTexts,
  changeDirectory,
  changeReferral,
  consumeProviderRecord,
  createReferral,
  deleteReferral,
  endAttempt,
  endMove,
  endRefreshTokens,
  erasePerson,
  expireDue,
  forgetEndedProviderRecords,
  forgetProviderRecord,
  grantConsent,
  importReferrals,
  keepProviderRecord,
  loadExchange,
  moveRows,
  recordSignIn,
  recordActs,
  recordRefusals,
  reindex,
  resetExchange,
  retainHistory,
  revokeProviderGrant,
  rotateSigningKeys,
  setClock,
  setPassword,
  setSecondFactor,
  addSkipTokenKey,
  writeTogether,
] as const satisfies readonly Command<never, unknown>[];
