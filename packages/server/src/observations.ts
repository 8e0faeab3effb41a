import type { AccessCheckName } from '@cosell/model';
import type { FileCheckState } from './store/sqlite/file-check.ts';

/**
 * What the program has seen, in one union. Code observes; `log` and `metrics` decide what to show. Nothing here is
 * personal: no name, address, token, query or body.
 */
export type Observation =
  | {
      readonly kind: 'requestAnswered';
      readonly requestId: string;
      readonly method: string;
      /** Template of the path, never the path itself. */
      readonly route: string;
      readonly status: number;
      readonly durationMs: number;
      /** The inner code of a refusal. */
      readonly innerCode: string | null;
      /** The check that has failed, where somebody was refused what he may not do. */
      readonly check?: AccessCheckName;
    }
  | { readonly kind: 'requestBroken'; readonly requestId: string; readonly error: Error }
  | { readonly kind: 'storeFailed'; readonly requestId: string; readonly error: Error }
  | { readonly kind: 'clockworkFailed'; readonly error: Error }
  | { readonly kind: 'tokenProved' }
  | { readonly kind: 'issuerUnreachable'; readonly issuer: string; readonly error: Error }
  | {
      readonly kind: 'fileChecked';
      readonly state: FileCheckState;
      /** What SQLite says of the file: tables, indexes and pages, never what is in them. */
      readonly faults: readonly string[];
    }
  /** Where the chain of the audit stands: whoever keeps the log can tell when its end is cut off. */
  | { readonly kind: 'auditHead'; readonly sequence: number; readonly hash: string }
  | { readonly kind: 'serverStarted'; readonly address: string; readonly schemaNumber: number }
  | { readonly kind: 'serverStopped'; readonly signal: string }
  | { readonly kind: 'workerEnded'; readonly pid: number | null; readonly reason: string }
  | { readonly kind: 'operationDone'; readonly operation: string; readonly innerCode: string | null };

/** Receives observations. It never throws and never waits. */
export type Observe = (observation: Observation) => void;
