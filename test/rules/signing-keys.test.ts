import { SigningKeys } from '@cosell/server/identity/signing-keys';
import type { StoredSigningKey } from '@cosell/server/store/directory-entry';
import { expect, it } from 'vitest';

/** A key of which nothing but its name matters. */
const key = (kid: string): StoredSigningKey => ({
  kid,
  algorithm: 'RS256',
  privateJwk: '{"kty":"RSA"}',
  createdAt: '',
});

function keysOver(stored: StoredSigningKey[]) {
  let reads = 0;
  let now = 0;
  const store = {
    listSigningKeys: async () => {
      reads += 1;
      return [...stored];
    },
  };
  const keys = new SigningKeys(store, [...stored], () => now);
  return { keys, reads: () => reads, wait: (ms: number) => (now += ms) };
}

it('made-up names of keys are served from memory after a few of them', async () => {
  const { keys, reads, wait } = keysOver([key('a')]);
  const first = keys.published;
  for (let round = 0; round < 1_000; round += 1) expect(await keys.knowing(`made-up-${round}`)).toBe(first);
  expect(reads()).toBe(5);
  wait(1_999);
  await keys.knowing('x');
  expect(reads()).toBe(5);
  wait(1);
  await keys.knowing('x');
  await keys.knowing('x');
  expect(reads()).toBe(6);
  wait(3_600_000);
  for (let round = 0; round < 1_000; round += 1) await keys.knowing('x');
  expect(reads()).toBe(11);
});

it('a known name, and a token without one, cost no read', async () => {
  const { keys, reads } = keysOver([key('a')]);
  for (const kid of ['a', undefined]) await keys.knowing(kid);
  expect(reads()).toBe(0);
});

it('the keys are read again by whoever signs when they are two seconds old, and a key that is gone is forgotten', async () => {
  const stored = [key('a')];
  const { keys, reads, wait } = keysOver(stored);
  stored.unshift(key('b'));
  expect((await keys.current()).map(({ kid }) => kid)).toEqual(['a']);
  wait(2_000);
  expect((await keys.current()).map(({ kid }) => kid)).toEqual(['b', 'a']);
  expect(reads()).toBe(1);
  stored.pop();
  await keys.refresh();
  expect(keys.published.keys.map(({ kid }) => kid)).toEqual(['b']);
});
