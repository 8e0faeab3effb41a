import { answerLive, answerMetrics, answerReady } from './health.ts';
import { discoveryOf } from './provider/discovery.ts';
import type { Route } from './route.ts';
import { answerIndex, answerKeys, answerMetadata, answerOpenApi, serviceDocumentAt } from './service-documents.ts';

/** What every public document has in common. */
const open = {
  method: 'GET',
  access: 'public',
  audience: 'partner',
  offers: ['application/json'],
  failures: [],
  extensions: [],
} as const;

/** What both service documents have in common. */
const service = {
  ...open,
  sentence: 'Says where the referrals are, for clients of OData.',
  schema: 'ServiceDocument',
  extensions: ['service-document', 'format'],
  isExtension: 'service-document',
} as const;

/** Routes without a token: what the service says of itself, and how it is. */
export const openRoutes: readonly Route[] = [
  {
    ...service,
    name: 'getServiceDocument',
    paths: ['/v1.0/engagements'],
    answer: serviceDocumentAt('/v1.0/engagements', 'referrals'),
  },
  {
    ...service,
    name: 'getRootServiceDocument',
    paths: ['/v1.0'],
    answer: serviceDocumentAt('/v1.0', 'engagements/referrals'),
  },
  {
    ...open,
    name: 'getMetadata',
    paths: ['/v1.0/engagements/referrals/$metadata', '/v1.0/engagements/$metadata', '/v1.0/$metadata'],
    sentence: 'Describes the referral as CSDL, in XML or JSON.',
    offers: ['application/xml', 'application/json'],
    newIn401: ['application/json'],
    extensions: ['format'],
    answer: answerMetadata,
  },
  { ...open, name: 'getOpenApi', paths: ['/openapi.json'], sentence: 'This document.', answer: answerOpenApi },
  { ...open, name: 'getIndex', paths: ['/'], sentence: 'Says where things are.', answer: answerIndex },
  {
    ...open,
    name: 'getDiscovery',
    isOfProvider: true,
    paths: ['/{tenant}/v2.0/.well-known/openid-configuration'],
    sentence: 'OpenID discovery of the built-in issuer.',
    answer: discoveryOf(2),
  },
  {
    ...open,
    name: 'getDiscoveryV1',
    isOfProvider: true,
    paths: ['/{tenant}/.well-known/openid-configuration'],
    sentence: 'OpenID discovery of the built-in issuer, with the endpoints of version 1.',
    answer: discoveryOf(1),
  },
  {
    ...open,
    name: 'getSigningKeys',
    isOfProvider: true,
    paths: ['/{tenant}/discovery/v2.0/keys', '/discovery/v2.0/keys', '/{tenant}/discovery/keys'],
    sentence: 'Public keys of the built-in issuer.',
    answer: answerKeys,
  },
  { ...open, name: 'getLive', paths: ['/health/live'], sentence: 'Says that the process runs.', answer: answerLive },
  {
    ...open,
    name: 'getReady',
    paths: ['/health/ready'],
    sentence: 'Says whether the exchange can answer, with its version and schema number.',
    failures: ['storeUnavailable', 'storeDamaged'],
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
