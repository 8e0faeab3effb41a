import { answerLive, answerMetrics, answerReady } from './health.ts';
import { answerList } from './list.ts';
import { answerReferral } from './referrals.ts';
import type { Route } from './route.ts';
import { answerDiscovery, answerIndex, answerKeys, answerMetadata, answerOpenApi } from './service-documents.ts';

const json = ['application/json'] as const;

/** What every public document has in common. */
const open = {
  method: 'GET',
  access: 'public',
  audience: 'partner',
  offers: json,
  failures: [],
  extensions: [],
} as const;

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
    failures: ['malformedId', 'referralNotFound', 'marketplaceLeadNotSupported', 'outOfReach'],
    extensions: ['format'],
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
    failures: ['malformedId', 'referralNotFound', 'marketplaceLeadNotSupported', 'outOfReach'],
    extensions: ['format'],
    answer: answerReferral,
  },
  {
    name: 'getAllReferrals',
    method: 'GET',
    paths: ['/v1.0/engagements/referrals'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Answers the leads and co-sell opportunities that the caller sees, page by page.',
    offers: json,
    schema: 'ReferralList',
    failures: [
      'malformedUrl',
      'optionNotAllowed',
      'optionRepeated',
      'optionValueInvalid',
      'expressionMalformed',
      'expressionTooLarge',
      'propertyUnknown',
      'functionUnknown',
      'operandsIncompatible',
      'notFilterable',
      'notSortable',
      'skipTokenInvalid',
      'skipTokenMismatch',
      'optionNotImplemented',
      'expressionNotImplemented',
    ],
    extensions: ['format'],
    isCollection: true,
    answer: answerList,
  },
  {
    ...open,
    name: 'getMetadata',
    paths: ['/v1.0/engagements/referrals/$metadata', '/v1.0/engagements/$metadata', '/v1.0/$metadata'],
    sentence: 'Describes the referral as CSDL, in XML or JSON.',
    offers: ['application/xml', 'application/json'],
    extensions: ['format'],
    answer: answerMetadata,
  },
  { ...open, name: 'getOpenApi', paths: ['/openapi.json'], sentence: 'This document.', answer: answerOpenApi },
  { ...open, name: 'getIndex', paths: ['/'], sentence: 'Says where things are.', answer: answerIndex },
  {
    ...open,
    name: 'getDiscovery',
    paths: ['/{tenant}/v2.0/.well-known/openid-configuration'],
    sentence: 'OpenID discovery of the built-in issuer.',
    answer: answerDiscovery,
  },
  {
    ...open,
    name: 'getSigningKeys',
    paths: ['/{tenant}/discovery/v2.0/keys', '/discovery/v2.0/keys'],
    sentence: 'Public keys of the built-in issuer.',
    answer: answerKeys,
  },
  { ...open, name: 'getLive', paths: ['/health/live'], sentence: 'Says that the process runs.', answer: answerLive },
  {
    ...open,
    name: 'getReady',
    paths: ['/health/ready'],
    sentence: 'Says whether the exchange can answer, with its version and schema number.',
    failures: ['storeUnavailable'],
    answer: answerReady,
  },
  {
    ...open,
    name: 'getMetrics',
    paths: ['/metrics'],
    sentence: 'Metrics in the form of Prometheus, for this machine or with METRICS_TOKEN.',
    offers: ['text/plain'],
    failures: ['metricsNotAllowed'],
    answer: answerMetrics,
  },
];
