import type { Transaction } from '../store.ts';

/** The rows of all organisations. */
export const everybody = Symbol('everybody');

/** Rows that belong to no organisation and that all may read. */
export const shared = Symbol('shared');

/** Whose rows a statement is about: an organisation's, by its id, everybody's, or shared ones. */
export type Scope = string | typeof everybody | typeof shared;

/** The least that each step of a transaction needs. Row-level security holds it to that. */
const scopes: { readonly [Step in keyof Transaction]: (...inputs: Parameters<Transaction[Step]>) => Scope } = {
  lock: () => shared,
  readDocument: (organizationId) => organizationId,
  readDocuments: (organizationId) => organizationId,
  listEngagement: () => everybody,
  listEngagements: () => everybody,
  addOwner: ({ organizationId }) => organizationId,
  addSender: (_engagementId, organizationId) => organizationId,
  listDue: () => everybody,
  listDueIn: () => everybody,
  putReferral: ({ organizationId }) => organizationId,
  putReferrals: (organizationId) => organizationId,
  readView: (readerOrganizationId) => readerOrganizationId,
  readViews: (readerOrganizationId) => readerOrganizationId,
  putView: ({ readerOrganizationId }) => readerOrganizationId,
  putViews: (readerOrganizationId) => readerOrganizationId,
  removeView: (readerOrganizationId) => readerOrganizationId,
  appendChange: ({ organizationId }) => organizationId,
  appendChanges: (organizationId) => organizationId,
  listPast: (organizationId) => organizationId,
  hadETag: (organizationId) => organizationId,
  findKeptAnswer: ({ organizationId }) => organizationId,
  keepAnswer: ({ organizationId }) => organizationId,
  forgetAnswers: () => everybody,
  // Whoever has sent it is another organisation, and its place in the engagement goes, too.
  removeReferral: () => everybody,
  emptyChanges: (organizationId) => organizationId,
  forgetAnswersNaming: (organizationId) => organizationId,
  nextOrganization: () => everybody,
  holdsReferral: ({ organizationId }) => organizationId,
  holdsView: ({ readerOrganizationId }) => readerOrganizationId,
  pageDocuments: (organizationId) => organizationId,
  pageViews: (readerOrganizationId) => readerOrganizationId,
  pagePast: (organizationId) => organizationId,
  lastChange: (organizationId) => organizationId,
  rewritePast: (organizationId) => organizationId,
  forgetPast: (organizationId) => organizationId,
  pageKeptAnswers: (organizationId) => organizationId,
  replaceAnswer: ({ organizationId }) => organizationId,
  removeAnswer: ({ organizationId }) => organizationId,
  appendAct: () => everybody,
  removeReferrals: () => everybody,
  removeDirectory: () => everybody,
  findLocation: () => everybody,
  listLocations: (organizationId) => organizationId,
  listRoutingRules: (organizationId) => organizationId,
  putRoutingRule: (organizationId) => organizationId,
  removeRoutingRule: (organizationId) => organizationId,
  removeFact: () => everybody,
  putOrganization: () => everybody,
  findOrganization: () => shared,
  removeOrganization: () => everybody,
  findTenant: () => shared,
  putTenant: () => everybody,
  putLocation: ({ organizationId }) => organizationId,
  removeLocation: (organizationId) => organizationId,
  putUser: ({ organizationId }) => organizationId,
  removeUser: (organizationId) => organizationId,
  putRole: (organizationId) => organizationId,
  removeRole: (organizationId) => organizationId,
  listDirectory: () => everybody,
  forgetSignIn: (organizationId) => organizationId,
  findInvitation: (organizationId) => organizationId,
  addInvitation: ({ organizationId }) => organizationId,
  endInvitation: (organizationId) => organizationId,
  renameInvitation: ({ organizationId }) => organizationId,
  // Found by an id that says nothing of its organisation, before anybody is known to have asked.
  findClient: () => everybody,
  listClients: () => everybody,
  putClient: () => everybody,
  putClientSecret: () => everybody,
  removeClientSecret: () => everybody,
  hasReferrals: (organizationId) => organizationId,
  putProviderRecord: () => everybody,
  consumeProviderRecord: () => everybody,
  removeProviderRecord: () => everybody,
  removeProviderGrant: () => everybody,
  extendProviderRecord: () => everybody,
  removeEndedProviderRecords: () => everybody,
  findCredentials: (organizationId) => organizationId,
  putCredentials: ({ organizationId }) => organizationId,
  listConsents: ({ organizationId }) => organizationId,
  putConsent: ({ organizationId }) => organizationId,
  addSigningKey: () => everybody,
  removeSigningKey: () => everybody,
  endProviderRecords: () => everybody,
  listSigningKeys: () => everybody,
  putFact: () => everybody,
  findFact: () => shared,
  insertRows: () => everybody,
  hasRows: () => everybody,
  removeRows: () => everybody,
};

/** A transaction each of whose steps runs in its own scope. */
export function scopedTransaction(transactionIn: (scope: Scope) => Transaction): Transaction {
  const known = new Map<Scope, Transaction>();
  const inScope = (scope: Scope) => {
    const transaction = known.get(scope) ?? transactionIn(scope);
    known.set(scope, transaction);
    return transaction;
  };
  const steps = (Object.keys(scopes) as (keyof Transaction)[]).map((step) => {
    // The table above pairs each step with its own inputs.
    const scopeOf = scopes[step] as (...inputs: unknown[]) => Scope;
    const run = (...inputs: unknown[]) => {
      const transaction = inScope(scopeOf(...inputs));
      return (transaction[step] as (...inputs: unknown[]) => Promise<unknown>)(...inputs);
    };
    return [step, run] as const;
  });
  // The table has every step of a transaction: it does not compile without one.
  return Object.fromEntries(steps) as unknown as Transaction;
}
