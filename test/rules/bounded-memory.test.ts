import { BoundedMemory } from '@cosell/server/identity/bounded-memory';
import { expect, it } from 'vitest';

const most = 1_000;

/** Asks for keys in rotation, remembers what is not there, and gives how many of the last round were there. */
function foundInRotation(keys: number, rounds: number): number {
  const memory = new BoundedMemory<number>(most);
  let found = 0;
  for (let round = 1; round <= rounds; round += 1) {
    found = 0;
    for (let key = 0; key < keys; key += 1) {
      if (memory.get(`k${key}`) === key) found += 1;
      else memory.set(`k${key}`, key);
      expect(memory.size).toBeLessThanOrEqual(most);
    }
  }
  return found;
}

it('finds all that fit, nearly all of one more, and a share of twice as many', () => {
  expect(foundInRotation(most, 2)).toBe(most);
  expect(foundInRotation(most + 1, 20)).toBeGreaterThan(most * 0.98);
  expect(foundInRotation(most * 2, 20)).toBeGreaterThan(most * 2 * 0.1);
});

it('forgets one, and all, and stays within its bound afterwards', () => {
  const memory = new BoundedMemory<string>(3);
  for (const key of ['a', 'b', 'c']) memory.set(key, key);
  memory.set('a', 'again');
  memory.delete('b');
  expect([memory.get('a'), memory.get('b'), memory.get('c'), memory.size]).toEqual(['again', undefined, 'c', 2]);
  for (let index = 0; index < 100; index += 1) {
    memory.set('b', 'b');
    memory.set(`k${index}`, 'x');
    expect(memory.get(`k${index}`)).toBe('x');
    expect(memory.size).toBeLessThanOrEqual(3);
    memory.delete('b');
  }
  memory.clear();
  expect([memory.get('a'), memory.size]).toEqual([undefined, 0]);
});
