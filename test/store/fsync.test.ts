import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { cleanUp, cosellFile, newFolder, startCosell, tokenOf } from '../support/cosell-process.ts';
import { deal } from '../support/parties.ts';
import { copyProgram } from '../support/program-copy.ts';
import { send } from '../support/test-server.ts';
import { hasTool } from '../support/tools.ts';

afterAll(cleanUp);

const writes = 12;

/**
 * Writes one after the other to a server whose system calls are watched, and gives for each whether the log was
 * synchronised between its arrival and its answer.
 */
async function watchWrites(file: string): Promise<boolean[]> {
  const trace = join(newFolder(), 'trace.txt');
  // Watched from aside, so that the server is the process that the test has started.
  const watcher = ['strace', '-D', '-f', '-y', '-s', '40', '-o', trace];
  const calls = ['-e', 'trace=read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync'];
  const settings = { DATA_DIR: join(newFolder(), 'data'), LOG_LEVEL: 'silent' };
  const server = await startCosell(settings, [...watcher, ...calls], [], file);
  const headers = { authorization: `Bearer ${tokenOf(server)}`, 'content-type': 'application/json' };
  for (let count = 0; count < writes; count += 1) {
    const asking = { method: 'POST', headers, body: JSON.stringify(deal({ name: `deal ${count}` })) };
    expect((await send(Number(new URL(server.origin).port), collection, asking)).status).toBe(200);
  }
  await server.stop();
  // The watcher writes its last lines after the end of what it watches; short process ids stand in a column of five.
  const end = new RegExp(`^${server.pid} +\\+{3} exited`, 'm');
  while (!end.test(readFileSync(trace, 'utf8'))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return synchronised(readFileSync(trace, 'utf8'));
}

/** Reads a trace: a call that lasts while another thread makes one stands in two lines, `unfinished` and `resumed`. */
function synchronised(trace: string): boolean[] {
  const found: boolean[] = [];
  const syncing = new Set<string>();
  let isWaiting = false;
  let isSynchronised = false;
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    const isOfLog = /f(data)?sync\(\d+<[^>]*cosell\.db-wal>/.test(line);
    if (isOfLog && line.includes('unfinished')) syncing.add(thread);
    const isResumed = /f(data)?sync resumed>/.test(line) && syncing.delete(thread);
    if ((isOfLog || isResumed) && / = 0$/.test(line)) isSynchronised = true;
    if (/(read|recvfrom)(\(| resumed>).*"POST \/v1\.0/.test(line)) {
      isWaiting = true;
      isSynchronised = false;
    }
    if (isWaiting && /(write|writev|sendto|sendmsg)\(.*"HTTP\/1\.1 200/.test(line)) {
      found.push(isSynchronised);
      isWaiting = false;
    }
  }
  return found;
}

describe.skipIf(!hasTool('strace', 'the test that writes are synchronised before they are answered'))(
  'the log of SQLite',
  () => {
    it('is synchronised between the arrival of each write and its answer', async () => {
      expect(await watchWrites(cosellFile)).toEqual(Array.from({ length: writes }, () => true));
    });

    it('is seen not to be, where the writer does not wait for the disk', async () => {
      const file = copyProgram('store/sqlite/writer.js', 'synchronous = full', 'synchronous = normal');
      expect(await watchWrites(file)).toEqual(Array.from({ length: writes }, () => false));
    });
  },
);
