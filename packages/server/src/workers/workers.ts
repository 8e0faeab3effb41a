import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RegistrationData } from '@cosell/model';
import type { Config } from '../config.ts';
import { commands } from '../domain/commands.ts';
import { FaultPlan } from '../http/sandbox-faults.ts';
import { addUpMetrics, createMetrics, type MetricsSnapshot } from '../metrics.ts';
import type { Observe } from '../observations.ts';
import type { CheckState } from '../store/sqlite/file-check.ts';
import { StartupProblem } from '../store/startup-problem.ts';
import type { Command, Store } from '../store/store.ts';
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
  /** Whether there is a sandbox, and whether that holds the sample. */
  readonly sandbox: { readonly hasSample: boolean } | undefined;
  /** The store of this process, which has the writer where the engine has only one. */
  readonly store: Store;
  readonly observe: Observe;
  /** What the look through the database file has come to. */
  readonly checkState: CheckState;
  /** The module that a worker runs. */
  readonly entry: URL;
}

interface RunningWorker {
  readonly process: Worker;
  readonly line: Line<WorkerProcess>;
  /** Why it has ended, once it has. */
  readonly ended: Promise<string>;
}

/** The processes that answer requests. They share one port; this process takes connections and deals them out. */
export class Workers {
  readonly #parts: WorkersParts;
  readonly #running = new Set<RunningWorker>();
  readonly #faults = new FaultPlan();
  readonly #metrics = createMetrics();
  #isStopping = false;

  constructor(parts: WorkersParts) {
    this.#parts = parts;
  }

  /**
   * Starts them all and waits until they listen. From then on one that ends is replaced.
   *
   * @returns the port
   * @throws StartupProblem where one of them cannot start
   */
  async start(): Promise<number> {
    const { config, entry } = this.#parts;
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
    // Values of commands may be bigint, which JSON does not have.
    cluster.setupPrimary({ exec: fileURLToPath(entry), args: [], execArgv: [], stdio, serialization: 'advanced' });
    try {
      const started = await Promise.all(Array.from({ length: config.workers }, () => this.#begin(config.port)));
      const { port } = started[0] ?? config;
      for (const { worker } of started) void this.#replace(worker, port);
      return port;
    } catch (error) {
      this.#isStopping = true;
      for (const { process } of this.#running) process.process.kill('SIGKILL');
      throw error;
    }
  }

  /** Lets them answer what has arrived, and waits until they have ended. */
  async close(): Promise<void> {
    this.#isStopping = true;
    const ends = [...this.#running].map(async ({ process, line, ended }) => {
      const killing = setTimeout(() => process.process.kill('SIGKILL'), stopWithinMs);
      // It does not answer: it ends.
      line.ask('stop').catch(() => undefined);
      await ended;
      clearTimeout(killing);
    });
    await Promise.all(ends);
  }

  /** Starts a worker and waits until it listens. */
  async #begin(port: number): Promise<{ worker: RunningWorker; port: number }> {
    const { config, exchangeData, sandbox, store } = this.#parts;
    const process = cluster.fork();
    const send = (messages: Messages) => void process.send(messages, () => undefined);
    const line = new Line<WorkerProcess>(send, this.#answers, false);
    process.on('message', (messages: Messages) => line.hear(messages));
    const ended = new Promise<string>((resolve) => {
      process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      process.once('error', (error) => resolve(error.message));
    });
    const worker = { process, line, ended };
    this.#running.add(worker);
    void ended.then((reason) => {
      this.#running.delete(worker);
      line.end(new StartupProblem(`A worker process has ended while it started: ${reason}.`));
    });
    const said = await line.ask('start', {
      config: { ...config, port },
      exchangeData,
      schemaNumber: store.schemaNumber,
      sandbox: sandbox && { ...sandbox, isFaulty: !this.#faults.isEmpty },
    });
    if ('port' in said) return { worker, port: said.port };
    process.process.kill('SIGKILL');
    throw new StartupProblem(said.problem);
  }

  /** Puts another in the place of a worker that ends, again and again, slower when they do not live long. */
  async #replace(first: RunningWorker, port: number): Promise<void> {
    let worker: RunningWorker | undefined = first;
    for (let shortLives = 0; ; ) {
      const begunAt = performance.now();
      const reason = worker === undefined ? 'it could not start' : await worker.ended;
      if (this.#isStopping) return;
      this.#parts.observe({ kind: 'workerEnded', pid: worker?.process.process.pid ?? null, reason });
      shortLives = performance.now() - begunAt < shortLifeMs ? shortLives + 1 : 0;
      const pauseMs = shortLives === 0 ? 0 : Math.min(1_000 * 2 ** (shortLives - 1), longestPauseMs);
      await pause(pauseMs, undefined, { ref: false });
      if (this.#isStopping) return;
      // While others listen on any free port, it is theirs; the last of them has taken the port with it.
      const wanted = this.#running.size > 0 ? this.#parts.config.port : port;
      worker = await this.#begin(wanted).then(
        (begun) => begun.worker,
        () => undefined,
      );
    }
  }

  readonly #answers: Answers<FirstProcess> = {
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
