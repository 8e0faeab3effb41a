import { once } from 'node:events';
import { connect } from 'node:net';
import { Door } from '@cosell/server/workers/door';
import { expect, it } from 'vitest';

/** A second address of this machine: Linux answers on all of 127.0.0.0/8. */
const second = process.platform === 'linux' ? '127.0.0.2' : '::1';

/** Says hello to an address and gives what comes back. */
async function greet(host: string, port: number): Promise<string> {
  const connection = connect({ host, port });
  const [answer] = (await once(connection, 'data')) as [Buffer];
  connection.destroy();
  return answer.toString();
}

it('the port of several workers is that of every address that localhost has', async () => {
  const door = new Door(async () => ['127.0.0.1', second]);
  door.add((connection) => connection.end(`taken on ${connection.localAddress}`));
  const port = await door.open('localhost', 0);
  expect(await greet('127.0.0.1', port)).toBe('taken on 127.0.0.1');
  expect(await greet(second, port)).toBe(`taken on ${second}`);
  door.close();
  for (const host of ['127.0.0.1', second]) await expect(greet(host, port)).rejects.toThrow('ECONNREFUSED');
});

it('it is open where only the first address of localhost can be had, and refuses where that is taken', async () => {
  const door = new Door(async () => ['127.0.0.1', '192.0.2.1']);
  const port = await door.open('localhost', 0);
  const another = new Door(async () => ['127.0.0.1', second]);
  await expect(another.open('localhost', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  door.close();
});

it('any other address is taken as it is', async () => {
  const door = new Door(async () => {
    throw new Error('nobody asks for it');
  });
  door.add((connection) => connection.end('here'));
  expect(await greet('127.0.0.1', await door.open('127.0.0.1', 0))).toBe('here');
  door.close();
});
