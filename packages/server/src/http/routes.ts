import { auditRoute } from './audit.ts';
import { answerBatch, batchBody } from './batch/batch.ts';
import { jsonBody } from './body.ts';
import { directoryRoutes } from './directory/directory-routes.ts';
import { answerHistory } from './history.ts';
import { listRoutes } from './lists/list-routes.ts';
import { openRoutes } from './open-routes.ts';
import { answerReferral } from './referrals.ts';
import type { Route } from './route.ts';
import { sandboxRoutes } from './sandbox/sandbox-routes.ts';
import { answerCreate, answerPatch, answerPut } from './write-referrals.ts';

const json = ['application/json'] as const;

/** A patch may be sent by its own media type, too (RFC 6902, section 6). */
const patchBody = { ...jsonBody, mediaTypes: [...jsonBody.mediaTypes, 'application/json-patch+json'] };

/** Why a referral is not read by its id. */
const unreadable = [
  'malformedId',
  'referralNotFound',
  'marketplaceLeadNotSupported',
  'locationOutOfReach',
  'notOnTeam',
] as const;

/** Why a body is not taken. */
const untaken = ['bodyTooLarge', 'mediaTypeNotSupported', 'invalidBody'] as const;

/** Why a retry is not one. */
const unrepeated = ['repeatabilityInvalid', 'repeatabilityConflict', 'repeatabilityTooOld'] as const;

/** What PATCH and PUT have in common, at the documented path and at the one that webhooks name. */
const changing = {
  access: 'referral.update',
  offers: json,
  schema: 'Referral',
  extensions: ['validate-only', 'repeatability', 'patch-path'],
} as const;
const unchanged = [
  ...unreadable,
  'notTheOwner',
  ...untaken,
  ...unrepeated,
  'eTagMismatch',
  'terminalReferral',
  'changeRefused',
] as const;

/** What can be wrong with `$select`. */
const selectFailures = ['expressionMalformed', 'propertyUnknown', 'expressionNotImplemented'] as const;

/** Every route of the server. */
export const routes: readonly Route[] = [
  {
    name: 'getReferralById',
    method: 'GET',
    paths: ['/v1.0/engagements/referrals/{id}'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Answers one lead or co-sell opportunity.',
    offers: json,
    schema: 'Referral',
    failures: [...unreadable, ...selectFailures, 'malformedInstant', 'pastRemoved', 'queryTimeout'],
    extensions: ['format', 'asOf', 'annotations'],
    options: ['$select', 'asof'],
    answer: answerReferral,
  },
  {
    name: 'getReferralByWebhookUri',
    method: 'GET',
    paths: ['/engagements/v1/referrals/{id}'],
    access: 'referral.read',
    audience: 'partnerCenter',
    sentence: 'The same referral, at the path that webhooks name.',
    offers: json,
    schema: 'Referral',
    failures: [...unreadable, ...selectFailures, 'malformedInstant', 'pastRemoved', 'queryTimeout'],
    extensions: ['format', 'asOf', 'annotations'],
    options: ['$select', 'asof'],
    answer: answerReferral,
  },
  ...listRoutes,
  {
    name: 'createReferral',
    method: 'POST',
    paths: ['/v1.0/engagements/referrals'],
    access: 'referral.create',
    audience: 'partner',
    sentence: 'Creates a lead or co-sell opportunity, or a record for another party of its engagement.',
    offers: json,
    schema: 'Referral',
    body: jsonBody,
    bodySchema: 'ReferralCreate',
    failures: [...untaken, ...unrepeated],
    extensions: ['validate-only', 'repeatability'],
    answer: answerCreate,
  },
  {
    ...changing,
    name: 'patchReferralById',
    method: 'PATCH',
    paths: ['/v1.0/engagements/referrals/{id}'],
    audience: 'partner',
    sentence: 'Changes members of a referral by a JSON Patch.',
    body: patchBody,
    bodySchema: 'JsonPatch',
    failures: unchanged,
    answer: answerPatch,
  },
  {
    ...changing,
    name: 'patchReferralByWebhookUri',
    method: 'PATCH',
    paths: ['/engagements/v1/referrals/{id}'],
    audience: 'partnerCenter',
    sentence: 'The same change, at the path that webhooks name.',
    body: patchBody,
    bodySchema: 'JsonPatch',
    failures: unchanged,
    answer: answerPatch,
  },
  {
    ...changing,
    name: 'updateReferralById',
    method: 'PUT',
    paths: ['/v1.0/engagements/referrals/{id}'],
    audience: 'partner',
    sentence: 'Replaces what may be changed of a referral; deprecated, use PATCH.',
    body: jsonBody,
    bodySchema: 'ReferralPut',
    failures: [...unchanged, 'ifMatchMissing'],
    answer: answerPut,
  },
  {
    ...changing,
    name: 'updateReferralByWebhookUri',
    method: 'PUT',
    paths: ['/engagements/v1/referrals/{id}'],
    audience: 'partnerCenter',
    sentence: 'The same replacement, at the path that webhooks name.',
    body: jsonBody,
    bodySchema: 'ReferralPut',
    failures: [...unchanged, 'ifMatchMissing'],
    answer: answerPut,
  },
  {
    name: 'getReferralHistory',
    method: 'GET',
    paths: ['/v1.0/engagements/referrals/{id}/history'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Answers every change of a referral, the oldest first.',
    offers: json,
    schema: 'ReferralHistory',
    failures: [...unreadable, 'queryTimeout'],
    extensions: ['history'],
    isExtension: 'history',
    answer: answerHistory,
  },
  {
    name: 'sendBatch',
    method: 'POST',
    paths: ['/v1.0/engagements/$batch', '/v1.0/$batch', '/v1.0/engagements/referrals/$batch'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Does up to 100 requests that are sent as one, with the token of the batch, and answers each.',
    offers: json,
    schema: 'BatchAnswer',
    body: batchBody,
    bodySchema: 'Batch',
    failures: [...untaken, 'batchNested', 'batchNotImplemented'],
    extensions: [],
    isExtension: 'batch',
    isBatch: true,
    answer: answerBatch,
  },
  auditRoute,
  ...openRoutes,
  ...directoryRoutes,
  ...sandboxRoutes,
];
