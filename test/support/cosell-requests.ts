import { execFileSync } from 'node:child_process';
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { ServerProcess } from './cosell-process.ts';

/** What is sent to a server in a process of its own. */
export interface Sending {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  /** Without one, each request has a connection of its own, which the next worker in turn takes. */
  readonly agent?: Agent;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request; rejects where the connection breaks before the answer has arrived whole. */
export function send({ origin }: ServerProcess, path: string, sending: Sending = {}): Promise<Received> {
  const { method = 'GET', token, body, agent = false } = sending;
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const asking = request(`${origin}${path}`, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): number[] {
  // pgrep ends with code 1 where there are none.
  const listed = execFileSync('sh', ['-c', `pgrep -P ${pid} || true`], { encoding: 'utf8' });
  return listed.split('\n').filter(Boolean).map(Number);
}

/** Waits until something is so; the test's own time limit ends a wait in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Whether a process runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
