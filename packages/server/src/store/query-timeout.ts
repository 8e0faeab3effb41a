import { type Failure, failure } from '@cosell/model';

/** What a request is told whose query was broken off after QUERY_TIMEOUT, on either engine. */
export function queryTimeout(timeoutMs: number): Failure {
  return failure('queryTimeout', { limit: `${timeoutMs / 1000} s` });
}
