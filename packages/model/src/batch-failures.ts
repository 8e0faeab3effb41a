/** The refusals of requests that are sent as a batch, a part of the table of failures. */
export const batchFailures = {
  dependencyFailed: {
    code: 'preconditionFailed',
    message: 'The request was not done, because {reason}. Send it again when that is mended.',
    inner: 'A request that this one depends on has failed',
    target: 'dependsOn',
  },
  batchNotImplemented: {
    code: 'invalidRequest',
    message: 'In a batch, {what} is legal OData that this version does not support. {advice}',
    inner: 'Not implemented in a batch',
    target: null,
  },
  batchNested: {
    code: 'invalidRequest',
    message: 'A batch cannot be a request of another batch. Send its requests side by side.',
    inner: 'Batch within a batch',
    target: 'url',
  },
  foreignHost: {
    code: 'invalidRequest',
    message: 'The URL of the request leads to another server. Write it as a path of this one, such as referrals/<id>.',
    inner: 'URL of another server',
    target: 'url',
  },
  referenceUnresolved: {
    code: 'invalidRequest',
    message: 'The reference {reference} leads to nothing: {reason}.',
    inner: 'Reference to another answer leads to nothing',
    target: null,
  },
  batchLimitReached: {
    code: 'serviceNotAvailable',
    message: 'The request was not begun, because the batch has reached {limit}. Send it again, in a smaller batch.',
    inner: 'Batch has reached a limit',
    target: null,
  },
} as const;
