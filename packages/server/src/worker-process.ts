/** The entry of a worker: it answers requests, and asks the first process for what there is only one of. */
import { createSandbox, type Listening, listen } from './app.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { joinExchange } from './open-exchange.ts';
import { StartupProblem } from './store/startup-problem.ts';
import { surroundings } from './surroundings.ts';
import { type Answers, Line, type Messages } from './workers/line.ts';
import type { FirstProcess, WorkerProcess, WorkerTask } from './workers/questions.ts';
import { SharedFaults } from './workers/shared-faults.ts';
import { writerOverLine } from './workers/writer-over-line.ts';

// A terminal and a service manager signal every process; the first one decides, and `node:cluster` ends this one when
// that is gone.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

const answers: Answers<WorkerProcess> = {
  async start(task) {
    faults.expect(task.sandbox?.isFaulty === true);
    try {
      running = await run(task);
      return { port: running.port };
    } catch (error) {
      if (error instanceof StartupProblem) return { problem: error.message };
      throw error;
    }
  },
  countMetrics: () => metrics.snapshot(),
  expectFaults: (isFaulty) => faults.expect(isFaulty),
  async stop() {
    await running?.close();
    process.exit();
  },
};

const send = (messages: Messages) => void process.send?.(messages, undefined, {}, () => undefined);
const first = new Line<FirstProcess>(send, answers, true);
const faults = new SharedFaults(first);
const metrics = createMetrics();
let running: Listening | undefined;
process.on('message', (messages: Messages) => first.hear(messages));
first.sayHello();

async function run({ config, exchangeData, schemaNumber, sandbox }: WorkerTask): Promise<Listening> {
  const log = createLog(config.logLevel, surroundings.clock, true);
  const exchange = await joinExchange(config, writerOverLine(first, schemaNumber), surroundings);
  const { store, issuer } = exchange;
  const { port, close } = await listen({
    config,
    store,
    issuer,
    surroundings,
    observe: log.observe,
    exchangeData,
    checkState: () => first.ask('checkState'),
    metrics: { ...metrics, text: () => first.ask('showMetrics') },
    sandbox: sandbox && createSandbox(sandbox.hasSample, faults),
  });
  return {
    port,
    async close() {
      await close();
      await exchange.close();
      await log.flush();
    },
  };
}
