import type { RegistrationData } from '@cosell/model';
import type { Certificate } from '../certificates.ts';
import type { Config } from '../config.ts';
import type { PlannedFault } from '../http/sandbox/sandbox-faults.ts';
import type { MetricsSnapshot } from '../metrics.ts';
import type { FileCheckState } from '../store/sqlite/file-check.ts';

/** What a worker asks the first process, which has what there is only one of. */
export interface FirstProcess {
  /** Runs a command by its name in the writer of the data folder. */
  transact(command: string, input: unknown): unknown;
  /** The metrics of all processes, added up, as Prometheus reads them. */
  showMetrics(): string;
  checkState(): FileCheckState | undefined;
  /** Says that the connection with this number has arrived. */
  confirmConnection(number: number): void;
  drawFault(route: string): PlannedFault | undefined;
  addFault(fault: PlannedFault): void;
  listFaults(): PlannedFault[];
  clearFaults(): void;
}

/** What the first process asks a worker. */
export interface WorkerProcess {
  /** Opens the exchange, to answer the connections that come then; tells what the operator must mend. */
  start(task: WorkerTask): { readonly problem: string | undefined };
  countMetrics(): MetricsSnapshot;
  /** Says whether a fault is planned, so that nobody asks for one while there is none. */
  expectFaults(isFaulty: boolean): void;
  /** Answers what has arrived, then ends the process. */
  stop(): void;
}

/** What a worker is told when it starts. */
export interface WorkerTask {
  /** The settings, with the port that the first process listens on. */
  readonly config: Config;
  readonly exchangeData: RegistrationData;
  readonly certificate: Certificate | undefined;
  readonly schemaNumber: number;
  /** Whether it is a sandbox, and whether that holds the sample. */
  readonly sandbox: { readonly hasSample: boolean; readonly isFaulty: boolean } | undefined;
}
