import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { StartupProblem } from '../startup-problem.ts';
import type { Surroundings } from '../store.ts';
import { OrderQueue } from './order-queue.ts';
import { type AnyCommand, type Committed, type Order, SqliteWriter } from './writer.ts';

/** What the writer's thread says. */
export type WriterMessage =
  | { readonly kind: 'ready'; readonly schemaNumber: number }
  | { readonly kind: 'refused'; readonly problem: string; readonly isOperators: boolean }
  | ({ readonly kind: 'outcomes' } & Committed)
  | { readonly kind: 'closed' };

/** What it is told. */
export type WriterOrder = Order | 'close';

/** Runs the writer behind a port: whatever is waiting when it looks is committed together. */
export async function serveWriter(
  port: MessagePort,
  path: string,
  commands: readonly AnyCommand[],
  surroundings: Surroundings,
): Promise<void> {
  const say = (message: WriterMessage) => port.postMessage(message);
  let writer: SqliteWriter;
  try {
    writer = new SqliteWriter(path, commands, surroundings);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    say({ kind: 'refused', problem, isOperators: error instanceof StartupProblem });
    port.close();
    return;
  }
  say({ kind: 'ready', schemaNumber: writer.schemaNumber });
  const waiting = new OrderQueue(new Set(commands.filter(({ isBulk }) => isBulk).map(({ name }) => name)));
  let isBusy = false;
  let isClosing = false;
  const accept = (message: WriterOrder) => {
    if (message === 'close') isClosing = true;
    else waiting.add(message);
  };
  const look = () => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) accept(next.message);
  };
  port.on('message', async (message: WriterOrder) => {
    accept(message);
    if (isBusy) return;
    isBusy = true;
    do {
      look();
      const compaction = waiting.takeCompaction();
      if (compaction !== undefined) {
        say({ kind: 'outcomes', outcomes: [writer.compact(compaction.id)], commit: undefined });
        continue;
      }
      if (!waiting.isEmpty) say({ kind: 'outcomes', ...(await writer.commit(waiting.takeTogether(look))) });
    } while (!waiting.isEmpty);
    isBusy = false;
    if (!isClosing) return;
    writer.close();
    say({ kind: 'closed' });
    port.close();
  });
}
