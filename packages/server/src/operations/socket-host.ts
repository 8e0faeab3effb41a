import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Failure, type PlainFailure } from '@cosell/model';
import type { Observe } from '../observations.ts';
import type { OperationName, Operations } from './operations.ts';

/** Bytes of one request: a batch of captured referrals. */
const largestBody = 64 * 1024 * 1024;

/** What goes back over the socket. */
export type SocketAnswer = { readonly output: unknown } | { readonly failure: PlainFailure } | { readonly bug: string };

/** Serves operations on the folder's socket, which only this user can open. The caller holds the folder's lock. */
export async function hostSocket(
  path: string,
  operations: Operations,
  observe: Observe,
): Promise<{ close(withinMs: number): Promise<void> }> {
  const server = createServer((request, response) => void answer(operations, observe, request, response));
  // The lock is ours, so a socket that is still there belongs to a process that is gone.
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    // Operations under way are finished; a client that does not end its request is cut off.
    close: (withinMs) =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  operations: Operations,
  observe: Observe,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = (request.url ?? '').slice(1);
  const said = await run(operations, name, request);
  const innerCode = 'failure' in said ? said.failure.kind : 'bug' in said ? 'unexpected' : null;
  observe({ kind: 'operationDone', operation: name, innerCode });
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(said));
}

async function run(operations: Operations, name: string, request: IncomingMessage): Promise<SocketAnswer> {
  try {
    if (!Object.hasOwn(operations, name)) return { bug: `there is no operation ${name}` };
    const operation = operations[name as OperationName] as (input: unknown) => Promise<unknown>;
    return { output: await operation(JSON.parse(await readBody(request))) };
  } catch (error) {
    if (error instanceof Failure) return { failure: error.toPlain() };
    return { bug: error instanceof Error ? error.message : String(error) };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
