import { failure, guidPattern } from '@cosell/model';
import { type ActsWanted, listActs } from '../domain/acts.ts';
import { type Deleting, type Deletion, deleteReferral } from '../domain/delete-referral.ts';
import { formatInvitation } from '../domain/directory/accept-invitation.ts';
import { changeDirectory } from '../domain/directory/change-directory.ts';
import { newSecret } from '../domain/directory/client-secret.ts';
import type { DirectoryChange } from '../domain/directory/directory-change.ts';
import { userOf } from '../domain/directory/named-entries.ts';
import { type Erasing, erasePerson } from '../domain/erase-person.ts';
import { type ImportBatch, type ImportReport, importInParts } from '../domain/import-referrals.ts';
import { recordActs } from '../domain/record-acts.ts';
import { type Reindexing, reindex } from '../domain/reindex.ts';
import { type Retaining, type Retention, retainHistory } from '../domain/retain-history.ts';
import type { RotatedKeys } from '../domain/signing-keys.ts';
import type { SweepProgress } from '../domain/sweep.ts';
import type { BuiltInIssuer } from '../identity/built-in-issuer.ts';
import { rotateKeys } from '../identity/rotate-keys.ts';
import type { StoredAct } from '../store/act.ts';
import type { Directory } from '../store/directory-entry.ts';
import type { Compaction, Store } from '../store/store.ts';
import { credentialOperations } from './credential-operations.ts';
import type { ExplainInput, Explanation } from './explain.ts';

/**
 * What the operator can do to an exchange by command line. The same operations run on the store itself or, while a
 * server holds the data folder, in that server by way of the folder's socket. Input and output are JSON.
 */
export interface Operations extends StoreOperations {
  /** Why a token is let in or refused, step by step. */
  explain(input: ExplainInput): Promise<Explanation>;
}

/** Those that need no more than the store and the issuer. */
export interface StoreOperations {
  /**
   * An access token for a user, by name or e-mail address, or for the operator himself; `withoutMfa` as after a sign-in
   * with a password alone.
   */
  mintToken(input: { user: string; withoutMfa?: boolean } | { operator: true }): Promise<{ token: string }>;
  /** Signs with a new key from now on; `retiresOthers` refuses what the others have signed. */
  rotateKeys(input: { retiresOthers: boolean }): Promise<RotatedKeys>;
  /** A stored referral with this id, in whichever organisation. */
  getReferral(input: { id: string }): Promise<{ document: string }>;
  /** A new random password for a user, good for one sign-in, at which he chooses his own. */
  setPassword(input: { user: string }): Promise<{ user: string; password: string }>;
  /** Takes the second factor from a user who has lost it. */
  resetSecondFactor(input: { user: string }): Promise<{ user: string }>;
  listDirectory(input: Record<string, never>): Promise<Directory>;
  changeDirectory(input: DirectoryChange): Promise<{ done: string; key: string }>;
  /** A new secret of an application or API client; it can be read this once. */
  addClientSecret(input: { client: string; days?: number }): Promise<{ done: string; secret: string }>;
  /** An invitation, with the link that the invited opens; it can be read this once. */
  invite(input: Inviting): Promise<{ done: string; link: string }>;
  importReferrals(input: ImportBatch): Promise<ImportReport>;
  /** One batch of an erasure; its answer goes into the next call as `progress`, until it is done. */
  erasePerson(input: Erasing): Promise<SweepProgress>;
  /** One batch, in the same way. */
  retainHistory(input: Retaining): Promise<Retention>;
  /** One batch, in the same way. */
  reindex(input: Reindexing): Promise<SweepProgress>;
  deleteReferral(input: Deleting): Promise<Deletion>;
  /** Records of the audit. */
  listActs(input: ActsWanted): Promise<StoredAct[]>;
  /** Records that something is about to be taken out of the exchange. */
  recordExport(input: { what: 'archive' | 'audit' }): Promise<null>;
  /** Gives free room of the database back; null where it does that by itself. */
  vacuum(input: Record<string, never>): Promise<Compaction | null>;
}

/** Who is invited. */
type Inviting = Omit<Extract<DirectoryChange, { readonly kind: 'addInvitation' }>, 'kind' | 'codeHash'>;

/** The name of an operation. */
export type OperationName = keyof Operations;

/** The operations on a store of this process. */
export function createOperations(store: Store, issuer: BuiltInIssuer, origin: () => string): StoreOperations {
  return {
    async mintToken(input) {
      if ('operator' in input) return { token: await issuer.mintOperatorToken(origin()) };
      const user = userOf(await store.listDirectory(), input.user);
      return { token: await issuer.mintToken({ ...user, isMfaCompliant: input.withoutMfa !== true }, origin()) };
    },
    rotateKeys: ({ retiresOthers }) => rotateKeys(store, issuer, retiresOthers),
    async getReferral({ id }) {
      if (!guidPattern.test(id)) throw failure('malformedId');
      const { organizations } = await store.listDirectory();
      for (const organization of organizations) {
        const found = await store.findReferral(organization.id, id.toLowerCase());
        if (found !== undefined) return { document: found.document };
      }
      throw failure('referralNotFound');
    },
    ...credentialOperations(store),
    listDirectory: () => store.listDirectory(),
    changeDirectory: async (change) => {
      const { done, key } = await store.transact(changeDirectory, change);
      return { done, key };
    },
    async addClientSecret({ client, days }) {
      const { text, hash: secretHash, hint } = newSecret();
      const until = days === undefined ? {} : { days };
      const change = { kind: 'addClientSecret', client, secretHash, hint, ...until } as const;
      return { done: (await store.transact(changeDirectory, change)).done, secret: text };
    },
    async invite(input) {
      const { text: secret, hash: codeHash } = newSecret();
      const change = { kind: 'addInvitation', ...input, codeHash } as const;
      const { done, key: id, organizationId } = await store.transact(changeDirectory, change);
      return { done, link: formatInvitation(origin(), { organizationId, id, secret }) };
    },
    importReferrals: (input) => importInParts(store, input),
    erasePerson: (input) => store.transact(erasePerson, input),
    retainHistory: (input) => store.transact(retainHistory, input),
    reindex: (input) => store.transact(reindex, input),
    deleteReferral: (input) => store.transact(deleteReferral, input),
    listActs: (input) => listActs(store, input),
    recordExport: ({ what }) =>
      store.transact(recordActs, [{ kind: 'exported', subject: undefined, details: { what } }]),
    vacuum: async () => (await store.compact()) ?? null,
  };
}
