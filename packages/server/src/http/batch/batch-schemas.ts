import { methods, mostRequests } from './batch-envelope.ts';

const headers = { type: 'object', additionalProperties: { type: 'string' } };
const id = { type: 'string', pattern: '^[A-Za-z0-9._~-]{1,128}$' };

/** The body of a batch. */
export const batchSchema = {
  type: 'object',
  required: ['requests'],
  properties: {
    requests: {
      type: 'array',
      maxItems: mostRequests,
      items: {
        type: 'object',
        required: ['id', 'method', 'url'],
        properties: {
          id,
          method: { enum: methods, description: 'In any case.' },
          url: { type: 'string', description: 'A path, or one relative to the service root; may begin with $<id>.' },
          atomicityGroup: id,
          dependsOn: { type: 'array', items: { type: 'string' }, description: 'Ids of requests and groups before it.' },
          if: { type: 'string', description: 'A condition of $<id>/$succeeded.' },
          headers,
          body: { description: 'JSON; for other media types a text, or bytes in base64url.' },
        },
      },
    },
  },
};

/** What a batch is answered. */
export const batchAnswerSchema = {
  type: 'object',
  required: ['responses'],
  properties: {
    responses: {
      type: 'array',
      description: 'In the order of the requests.',
      items: {
        type: 'object',
        required: ['id', 'status', 'headers'],
        properties: { id, atomicityGroup: id, status: { type: 'integer' }, headers, body: {} },
      },
    },
  },
};
