import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { StartupProblem } from '../startup-problem.ts';
import type { Surroundings } from '../store.ts';
import { type AnyCommand, type Committed, type Order, SqliteWriter } from './writer.ts';

/** What the writer's thread says. */
export type WriterMessage =
  | { readonly kind: 'ready'; readonly schemaNumber: number }
  | { readonly kind: 'refused'; readonly problem: string; readonly isOperators: boolean }
  | ({ readonly kind: 'outcomes' } & Committed)
  | { readonly kind: 'closed' };

/** What it is told. */
export type WriterOrder = Order | 'close';

/** The order that is no command, because it stands outside of any transaction. */
export const compactOrder = 'compact the database';

/** Most orders that share one commit, so that the first of them does not wait for too many others. */
const mostOrders = 256;

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
  const waiting: Order[] = [];
  let isBusy = false;
  let isClosing = false;
  const accept = (message: WriterOrder) => {
    if (message === 'close') isClosing = true;
    else waiting.push(message);
  };
  port.on('message', async (message: WriterOrder) => {
    accept(message);
    if (isBusy) return;
    isBusy = true;
    do {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) accept(next.message);
      if (waiting[0]?.command === compactOrder) {
        const outcomes = waiting.splice(0, 1).map(({ id }) => writer.compact(id));
        say({ kind: 'outcomes', outcomes, commit: undefined });
        continue;
      }
      const ends = waiting.findIndex(({ command }) => command === compactOrder);
      const orders = waiting.splice(0, ends < 0 ? mostOrders : Math.min(ends, mostOrders));
      if (orders.length > 0) say({ kind: 'outcomes', ...(await writer.commit(orders)) });
    } while (waiting.length > 0);
    isBusy = false;
    if (!isClosing) return;
    writer.close();
    say({ kind: 'closed' });
    port.close();
  });
}
