/** The entry of a worker: it answers requests, and asks the first process for what there is only one of. */
import type { Socket } from 'node:net';
import { createSandbox } from './application.ts';
import { type Answering, prepare } from './listening.ts';
import { createLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { joinExchange } from './open-exchange.ts';
import { StartupProblem } from './store/startup-problem.ts';
import { surroundings } from './surroundings.ts';
import type { Handed } from './workers/hand-over.ts';
import { type Answers, Line, type Messages } from './workers/line.ts';
import type { FirstProcess, WorkerProcess, WorkerTask } from './workers/questions.ts';
import { SharedFaults } from './workers/shared-faults.ts';
import { writerOverLine } from './workers/writer-over-line.ts';

// A terminal and a service manager signal every process; the first one decides.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// Without the first process nothing can be written.
process.once('disconnect', () => process.exit(1));

const answers: Answers<WorkerProcess> = {
  async start(task) {
    faults.expect(task.sandbox?.isFaulty === true);
    try {
      running = await run(task);
      return { problem: undefined };
    } catch (error) {
      if (error instanceof StartupProblem) return { problem: error.message };
      throw error;
    }
  },
  countMetrics: () => metrics?.snapshot() ?? [],
  expectFaults: (isFaulty) => faults.expect(isFaulty),
  async stop() {
    await running?.close();
    process.exit();
  },
};

const send = (messages: Messages) => void process.send?.(messages, undefined, {}, () => undefined);
const first = new Line<FirstProcess>(send, answers);
const faults = new SharedFaults(first);
let metrics: Metrics | undefined;
let running: Answering | undefined;
process.on('message', (message: Messages | Handed, connection: Socket | undefined) => {
  if (!('connection' in message)) return first.hear(message);
  // One that has closed on its way is not there any more.
  if (connection !== undefined) running?.take(connection);
  first.ask('confirmConnection', message.connection).catch(() => undefined);
});

async function run({ config, exchangeData, certificate, schemaNumber, sandbox }: WorkerTask): Promise<Answering> {
  const log = createLog(config.logLevel, surroundings.clock, true);
  const exchange = await joinExchange(config, writerOverLine(first, schemaNumber), surroundings);
  const { store, issuer } = exchange;
  metrics = createMetrics({ store, clock: undefined });
  const { take, close } = await prepare({
    config,
    store,
    issuer,
    surroundings,
    observe: log.observe,
    exchangeData,
    certificate,
    checkState: () => first.ask('checkState'),
    metrics: { ...metrics, text: () => first.ask('showMetrics') },
    sandbox: sandbox && createSandbox(sandbox.hasSample, faults),
  });
  return {
    take,
    async close() {
      await close();
      await exchange.close();
      await log.flush();
    },
  };
}
