import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { RegistrationData } from '@cosell/model';
import type { Certificate } from '../certificates.ts';
import type { Config } from '../config.ts';
import { commands } from '../domain/commands.ts';
import { FaultPlan } from '../http/sandbox/sandbox-faults.ts';
import { addUpMetrics, createMetrics, type Metrics, type MetricsSnapshot } from '../metrics.ts';
import type { Observe } from '../observations.ts';
import type { CheckState } from '../store/sqlite/file-check.ts';
import { StartupProblem } from '../store/startup-problem.ts';
import type { Command, Store, Surroundings } from '../store/store.ts';
import { Door } from './door.ts';
import { HandOver } from './hand-over.ts';
import { type Answers, Line, type Messages } from './line.ts';
import type { FirstProcess, WorkerProcess } from './questions.ts';

/** How long a worker that stops has, before it is killed. It cuts its connections off before that. */
const stopWithinMs = 7_000;
/** A worker that has lived for less counts as one that cannot live. */
const shortLifeMs = 10_000;
/** The longest pause before a worker takes the place of one that could not live; the first is a second. */
const longestPauseMs = 30_000;
/** How long a worker has to tell what it has counted. */
const countWithinMs = 2_000;

/** What workers are started with. */
export interface WorkersParts {
  readonly config: Config;
  readonly exchangeData: RegistrationData;
  /** What the server shows of itself where it speaks HTTPS. */
  readonly certificate: Certificate | undefined;
  /** Whether there is a sandbox, and whether that holds the sample. */
  readonly sandbox: { readonly hasSample: boolean } | undefined;
  /** The store of this process, which has the writer where the engine has only one. */
  readonly store: Store;
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  /** What the look through the database file has come to. */
  readonly checkState: CheckState;
  /** The module that a worker runs. */
  readonly entry: URL;
}

interface RunningWorker {
  readonly process: ChildProcess;
  readonly line: Line<WorkerProcess>;
  /** Why it has ended, once it has. */
  readonly ended: Promise<string>;
}

/** The processes that answer requests, behind the one port of this process. */
export class Workers {
  readonly #parts: WorkersParts;
  readonly #door = new Door();
  readonly #running = new Set<RunningWorker>();
  readonly #faults = new FaultPlan();
  readonly #metrics: Metrics;
  #port = 0;
  #isStopping = false;

  constructor(parts: WorkersParts) {
    this.#parts = parts;
    this.#metrics = createMetrics({ store: parts.store, clock: parts.surroundings.clock });
  }

  /**
   * Listens, starts them all and waits until they answer. From then on one that ends is replaced.
   *
   * @returns the port
   * @throws StartupProblem where one of them cannot start, or what `net.Server` says where the port cannot be had
   */
  async start(): Promise<number> {
    const { host, port, workers } = this.#parts.config;
    this.#port = await this.#door.open(host, port);
    try {
      const started = await Promise.all(Array.from({ length: workers }, () => this.#begin()));
      for (const worker of started) void this.#replace(worker);
      return this.#port;
    } catch (error) {
      this.#isStopping = true;
      this.#door.close();
      for (const { process } of this.#running) process.kill('SIGKILL');
      throw error;
    }
  }

  /** Lets them answer what has arrived, and waits until they have ended. */
  async close(): Promise<void> {
    this.#isStopping = true;
    this.#door.close();
    const ends = [...this.#running].map(async ({ process, line, ended }) => {
      const killing = setTimeout(() => process.kill('SIGKILL'), stopWithinMs);
      // It does not answer: it ends.
      line.ask('stop').catch(() => undefined);
      await ended;
      clearTimeout(killing);
    });
    await Promise.all(ends);
  }

  /** Starts a worker, waits until it answers, and deals connections out to it. */
  async #begin(): Promise<RunningWorker> {
    const { config, exchangeData, certificate, entry, sandbox, store } = this.#parts;
    // Values of commands may be bigint, which JSON does not have.
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    const process = fork(entry, { execArgv: [], stdio: [...stdio], serialization: 'advanced' });
    const send = (messages: Messages) => void process.send(messages, () => undefined);
    const handOver = new HandOver(process);
    const confirmConnection = (number: number) => handOver.confirm(number);
    const answers: Answers<FirstProcess> = { ...this.#answers, confirmConnection };
    const line = new Line<WorkerProcess>(send, answers);
    process.on('message', (messages) => line.hear(messages as Messages));
    const ended = new Promise<string>((resolve) => {
      process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      process.on('error', (error) => resolve(error.message));
    });
    const worker = { process, line, ended };
    this.#running.add(worker);
    void ended.then((reason) => {
      this.#running.delete(worker);
      this.#door.remove(handOver.take);
      handOver.end();
      line.end(new StartupProblem(`A worker process has ended while it started: ${reason}.`));
    });
    try {
      const { problem } = await line.ask('start', {
        config: { ...config, port: this.#port },
        exchangeData,
        certificate,
        schemaNumber: store.schemaNumber,
        sandbox: sandbox && { ...sandbox, isFaulty: !this.#faults.isEmpty },
      });
      if (problem !== undefined) throw new StartupProblem(problem);
    } catch (error) {
      process.kill('SIGKILL');
      throw error;
    }
    this.#door.add(handOver.take);
    return worker;
  }

  /** Puts another in the place of a worker that ends, again and again, slower when they do not live long. */
  async #replace(first: RunningWorker): Promise<void> {
    const { stopwatch } = this.#parts.surroundings;
    let worker: RunningWorker | Error = first;
    for (let shortLives = 0; ; ) {
      const begunAt = stopwatch();
      const reason = worker instanceof Error ? worker.message : await worker.ended;
      if (this.#isStopping) return;
      const pid = worker instanceof Error ? null : (worker.process.pid ?? null);
      this.#parts.observe({ kind: 'workerEnded', pid, reason });
      shortLives = stopwatch() - begunAt < shortLifeMs ? shortLives + 1 : 0;
      const pauseMs = shortLives === 0 ? 0 : Math.min(1_000 * 2 ** (shortLives - 1), longestPauseMs);
      await pause(pauseMs, undefined, { ref: false });
      if (this.#isStopping) return;
      worker = await this.#begin().catch((error: Error) => error);
    }
  }

  readonly #answers: Answers<Omit<FirstProcess, 'confirmConnection'>> = {
    transact: (command, input) => this.#parts.store.transact(commandNamed(command), input),
    showMetrics: () => this.#addUpMetrics(),
    checkState: () => this.#parts.checkState(),
    drawFault: (route) => {
      const fault = this.#faults.draw(route);
      if (this.#faults.isEmpty) void this.#tellOfFaults();
      return fault;
    },
    addFault: (fault) => {
      this.#faults.add(fault);
      return this.#tellOfFaults();
    },
    listFaults: () => this.#faults.list(),
    clearFaults: () => {
      this.#faults.clear();
      return this.#tellOfFaults();
    },
  };

  /** Tells every worker whether to ask for faults; one that has ended needs not know. */
  async #tellOfFaults(): Promise<void> {
    const isFaulty = !this.#faults.isEmpty;
    await Promise.allSettled([...this.#running].map(({ line }) => line.ask('expectFaults', isFaulty)));
  }

  async #addUpMetrics(): Promise<string> {
    const counts = [...this.#running].map(({ line }) => {
      const late = pause<MetricsSnapshot>(countWithinMs, [], { ref: false });
      return Promise.race([line.ask('countMetrics').catch((): MetricsSnapshot => []), late]);
    });
    return addUpMetrics(await Promise.all([this.#metrics.snapshot(), ...counts]));
  }
}

function commandNamed(name: string): Command<unknown, unknown> {
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  // Its input comes from a worker of this same program, which has called it by its type.
  return command as Command<never, unknown> as Command<unknown, unknown>;
}
