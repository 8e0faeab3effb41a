import { failures, schemaFor } from '@cosell/model';
import { auditSchema } from './audit.ts';
import { batchAnswerSchema, batchSchema } from './batch/batch-schemas.ts';
import { directorySchemas } from './directory/directory-schemas.ts';
import { statusOf } from './errors.ts';
import { extensions } from './extensions.ts';
import {
  errorSchema,
  historySchema,
  listSchema,
  patchSchema,
  removedSchema,
  sandboxSchemas,
  serviceDocumentSchema,
} from './openapi-schemas.ts';
import { type QueryOptionName, queryOptions, wireNames } from './query-options.ts';
import type { Route } from './route.ts';

/** Failures that every route with a token can give, beside its own. */
const guardedFailures = [
  'tokenMissing',
  'tokenExpired',
  'audienceWrong',
  'userUnknown',
  'roleMissing',
  'notAcceptable',
  'versionNotSupported',
  'issuerUnreachable',
  'throttled',
] as const;

/** The OpenAPI 3.1 document, derived from the table of routes and the table of properties. */
export function openApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cosell',
      version,
      description: 'A referral exchange that speaks the Partner Center Referrals API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: pathItems(routes),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: {
        Referral: withContext(schemaFor('read')),
        ReferralList: listSchema,
        RemovedReferral: removedSchema,
        ReferralView: withContext(schemaFor('view')),
        ReferralCreate: schemaFor('create'),
        ReferralPut: schemaFor('put'),
        JsonPatch: patchSchema,
        ReferralHistory: historySchema,
        ServiceDocument: serviceDocumentSchema,
        Batch: batchSchema,
        BatchAnswer: batchAnswerSchema,
        ...directorySchemas,
        AuditList: auditSchema,
        ...sandboxSchemas,
        Error: errorSchema,
      },
    },
  };
}

/** The routes by path and method. */
function pathItems(routes: readonly Route[]): Record<string, Record<string, unknown>> {
  const items: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    for (const [index, path] of route.paths.entries()) {
      items[path] = { ...items[path], [route.method.toLowerCase()]: operation(route, path, index) };
    }
  }
  return items;
}

function operation(route: Route, path: string, index: number): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const parameters = [...inPath, ...(route.options ?? []).map(queryParameter)];
  const { body, bodySchema } = route;
  const reference = { schema: bodySchema === undefined ? {} : { $ref: `#/components/schemas/${bodySchema}` } };
  const content = Object.fromEntries((body?.mediaTypes ?? []).map((type) => [type, reference]));
  const used = [...route.extensions, ...(route.isExtension === undefined ? [] : [route.isExtension])];
  return {
    // A path of its own needs an id of its own.
    operationId: index === 0 ? route.name : `${route.name}${index + 1}`,
    summary: route.sentence,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content } }),
    security: route.access === 'public' ? [] : [{ token: [] }],
    responses: responses(route),
    ...(used.length === 0
      ? {}
      : { 'x-extensions': Object.fromEntries(used.map((name) => [name, extensions[name].sentence])) }),
  };
}

function responses(route: Route): Record<string, unknown> {
  const kinds = [
    ...(route.access === 'public' ? (['notAcceptable', 'versionNotSupported'] as const) : guardedFailures),
    ...route.failures,
  ];
  const found: Record<string, unknown> = {
    200: {
      description: 'The answer.',
      content: Object.fromEntries(route.offers.map((type) => [type, { schema: schemaOf(route) }])),
    },
  };
  if (route.method === 'PATCH' && route.schema === 'Referral')
    found[204] = { description: 'The referral was changed; ask for it with Prefer.' };
  if (route.schema === 'Referral' && route.method === 'GET')
    found[304] = { description: 'The eTag of If-None-Match is the current one.' };
  const statuses = [...new Set(kinds.map((kind) => statusOf[kind]))].sort();
  for (const status of statuses) {
    const rows = kinds.filter((kind) => statusOf[kind] === status).map((kind) => `${kind}: ${failures[kind].inner}.`);
    found[status] = {
      description: rows.join(' '),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    };
  }
  return found;
}

function schemaOf({ schema, offers }: Route): Record<string, unknown> {
  if (schema !== undefined) return { $ref: `#/components/schemas/${schema}` };
  return { type: offers[0] === 'application/json' ? 'object' : 'string' };
}

function withContext(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = schema.properties as Record<string, unknown>;
  return { ...schema, properties: { '@odata.context': { type: 'string' }, ...properties } };
}

function queryParameter(name: QueryOptionName): Record<string, unknown> {
  const isNumber = name === '$top' || name === '$skip';
  const schema = isNumber ? { type: 'integer', minimum: 0 } : { type: name === '$count' ? 'boolean' : 'string' };
  return { name: wireNames[name] ?? name, in: 'query', description: queryOptions[name], schema };
}
