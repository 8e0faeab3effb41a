export { type OperationName, operations } from './operations.ts';
export { type ErrorDetail, ReferralApiError } from './referral-api-error.ts';
export {
  type ApiAnswer,
  type Asking,
  createTransport,
  type Fetch,
  type FetchAnswer,
  type Transport,
  type TransportSettings,
} from './transport.ts';
