import type { ErrorCode } from '@cosell/model';
import type { OperationName } from './operations.ts';

/** One fault of a body or query: what is wrong, and where. */
export interface ErrorDetail {
  readonly code: string;
  /** A JSON pointer, an option or a header. */
  readonly target: string | null;
  readonly message: string;
}

/** What is known of an answer that refused. */
export interface Refusal {
  readonly operation: OperationName;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly text: string;
}

/** The documented envelope, as far as an answer has it. */
interface Envelope {
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly target?: string | null;
  readonly innerError?: { readonly code?: string };
  readonly details?: readonly ErrorDetail[];
}

/** A refusal of the API (facts §3.4, decision 6): an answer whose status is not one of success. */
export class ReferralApiError extends Error {
  /** The name of the operation that was refused. */
  readonly operation: OperationName;
  readonly status: number;
  /** One of the documented codes; none where something between client and server has answered. */
  readonly code: ErrorCode | undefined;
  readonly innerCode: string | undefined;
  readonly target: string | null;
  readonly details: readonly ErrorDetail[];
  /** Give it when you report a fault: the server's log has the same one. */
  readonly requestId: string | undefined;
  /** How long to wait before the request is sent again, where the server says so. */
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came. */
  readonly text: string;

  constructor({ operation, status, headers, body, text }: Refusal) {
    const { code, message, target = null, innerError, details = [] } = envelopeOf(body);
    super(message ?? `The answer to ${operation} has status ${status} and does not say why.`);
    this.name = 'ReferralApiError';
    this.operation = operation;
    this.status = status;
    this.code = code;
    this.innerCode = innerError?.code;
    this.target = target;
    this.details = details;
    this.requestId = headers['request-id'];
    this.retryAfterSeconds = secondsToWait(headers);
    this.headers = headers;
    this.text = text;
  }
}

function envelopeOf(body: unknown): Envelope {
  const error = (body as { error?: unknown } | null | undefined)?.error;
  // A proxy's own page may be JSON too, with a text where the documented error has an object.
  return typeof error === 'object' && error !== null ? error : {};
}

/** `Retry-After` is seconds or a date (RFC 9110, section 10.2.3); a date is measured from the answer's own. */
function secondsToWait(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.parse(headers.date ?? headers.timestamp ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}
