import { failureRow, failures, writablePaths } from '@cosell/model';
import { acts } from './sandbox/sandbox-acts.ts';
import { faultKinds } from './sandbox/sandbox-faults.ts';
import { identityActs } from './sandbox/sandbox-identity.ts';

/** Schemas of what is no referral: lists, patches, errors, and what the sandbox takes. */

/** A page of referrals. */
export const listSchema = {
  type: 'object',
  properties: {
    '@odata.context': { type: 'string' },
    '@odata.count': { type: 'integer', description: 'All matches, not those of this page.' },
    value: {
      type: 'array',
      description:
        'Referrals; with `$deltatoken`, also those that left the list; with `$apply` that groups, its results instead.',
      items: { anyOf: [{ $ref: '#/components/schemas/Referral' }, { $ref: '#/components/schemas/RemovedReferral' }] },
    },
    '@odata.nextLink': { type: 'string', format: 'uri', description: 'The next page; not there on the last.' },
    '@odata.deltaLink': {
      type: 'string',
      format: 'uri',
      description: 'Leads to what has changed since; on the last page with `Prefer: odata.track-changes`.',
    },
  },
  required: ['@odata.context', 'value'],
};

/** The service document: where the referrals are. */
export const serviceDocumentSchema = {
  type: 'object',
  required: ['@odata.context', 'value'],
  properties: {
    '@odata.context': { type: 'string' },
    value: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'kind', 'url'],
        properties: { name: { type: 'string' }, kind: { type: 'string' }, url: { type: 'string' } },
      },
    },
  },
};

const reason = { enum: ['changed', 'deleted'] };

/** What a delta says of a referral that is in the list no more. */
export const removedSchema = {
  type: 'object',
  required: ['@odata.context', '@odata.removed', 'id', 'reason'],
  properties: {
    '@odata.context': { type: 'string' },
    '@odata.removed': { type: 'object', properties: { reason } },
    id: { type: 'string' },
    reason,
  },
};

/** The documented envelope. */
export const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'target', 'innerError', 'details'],
      properties: {
        code: {
          type: 'string',
          enum: [
            ...new Set(Object.keys(failures).map((kind) => failureRow(kind as keyof typeof failures).code)),
          ].sort(),
        },
        message: { type: 'string', maxLength: 1024 },
        target: { type: ['string', 'null'] },
        innerError: {
          type: 'object',
          required: ['code', 'message', 'details'],
          properties: { code: { type: 'string' }, message: { type: 'string' }, details: { type: 'null' } },
        },
        details: {
          type: 'array',
          items: {
            type: 'object',
            required: ['code', 'target', 'message'],
            properties: { code: { type: 'string' }, target: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
};

/** A JSON Patch with the operations that the API has. */
export const patchSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['op', 'path', 'value'],
    properties: {
      op: { enum: ['add', 'replace'] },
      path: {
        type: 'string',
        format: 'json-pointer',
        description: 'A writable path, or one below it.',
        examples: writablePaths.map(({ pointer }) => pointer),
      },
      value: {},
    },
  },
};

const state = { oneOf: [{ $ref: '#/components/schemas/Referral' }, { type: 'null' }] };

/** Every change of a referral. */
export const historySchema = {
  type: 'object',
  required: ['@odata.context', '@odata.count', 'value'],
  properties: {
    '@odata.context': { type: 'string' },
    '@odata.count': { type: 'integer' },
    value: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          sequence: { type: 'integer', description: "The number of the change in its organisation's log." },
          occurredDateTime: { type: 'string', format: 'date-time' },
          kind: { type: 'string' },
          by: {
            type: 'object',
            properties: {
              kind: { enum: ['user', 'exchange', 'operator', 'sandbox'] },
              organizationId: { type: ['string', 'null'] },
              user: { type: ['string', 'null'] },
            },
          },
          via: { type: ['string', 'null'], description: 'The client.' },
          eTag: { type: 'string' },
          before: state,
          after: state,
        },
      },
    },
  },
};

/** What the routes of the sandbox take. */
export const sandboxSchemas = {
  SandboxClock: {
    type: 'object',
    properties: {
      advance: { type: 'string', description: 'A duration of ISO 8601, such as P15D.' },
      now: { type: 'string', format: 'date-time' },
      freeze: { type: 'boolean' },
    },
  },
  SandboxReset: { type: 'object', properties: { now: { type: 'string', format: 'date-time' } } },
  SandboxFault: {
    type: 'object',
    required: ['kind'],
    properties: {
      route: {
        type: 'string',
        default: '*',
        description: "A route's operationId, provider for the built-in provider, or * for all.",
      },
      kind: { enum: faultKinds },
      count: { type: 'integer', default: 1 },
      probability: { type: 'number', default: 1 },
      seed: { type: 'integer', default: 1 },
      retryAfterSeconds: { type: 'integer', default: 5 },
      delayMs: { type: 'integer', default: 1000 },
    },
  },
  SandboxIdentityAct: {
    type: 'object',
    required: ['act'],
    properties: {
      act: { enum: identityActs },
      user: { type: 'string', description: 'Name or e-mail address of a user; not for rotateKeys.' },
      retireOthers: { type: 'boolean', description: 'For rotateKeys: refuse what other keys have signed.' },
    },
  },
  SandboxAct: {
    type: 'object',
    required: ['as', 'act'],
    properties: {
      as: { type: 'string', description: 'Id of the organisation that acts.' },
      act: { enum: acts },
      referral: { type: 'string' },
      engagement: { type: 'string' },
      reason: { type: 'string' },
      patch: { $ref: '#/components/schemas/JsonPatch' },
      body: { $ref: '#/components/schemas/ReferralCreate' },
      decision: { type: 'string' },
      microsoftMsxId: { type: 'string' },
      team: { type: 'array', items: { type: 'object' } },
    },
  },
};
