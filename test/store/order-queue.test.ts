import { compactOrder, OrderQueue } from '@cosell/server/store/sqlite/order-queue';
import { describe, expect, it } from 'vitest';

/** A queue in which orders called `bulk` are in bulk. */
function newQueue(...commands: string[]) {
  const queue = new OrderQueue(new Set(['bulk']));
  let id = 0;
  const add = (...names: string[]) => {
    for (const command of names) {
      id += 1;
      queue.add({ id, command, input: {} });
    }
  };
  add(...commands);
  /** The commands of the next commit; what comes with each look is added first. */
  const together = (...comes: (readonly string[])[]) =>
    [...queue.takeTogether(() => add(...(comes.shift() ?? [])))].map(({ command }) => command);
  return { queue, add, together };
}

const some = (number: number, command: string) => Array.from({ length: number }, () => command);

describe('orders that wait for the writer', () => {
  it('share a commit in their order, up to 256', () => {
    const { queue, together } = newQueue('first', ...some(299, 'next'));
    expect(together()).toEqual(['first', ...some(255, 'next')]);
    expect(together()).toHaveLength(44);
    expect(queue.isEmpty).toBe(true);
  });

  it('share one with those that come while it is made', () => {
    const { together } = newQueue('one');
    expect(together([], ['two'], [], ['too late'])).toEqual(['one', 'two']);
  });

  it('in bulk share one up to ten', () => {
    const { together } = newQueue(...some(12, 'bulk'));
    expect(together()).toEqual(some(10, 'bulk'));
    expect(together()).toEqual(some(2, 'bulk'));
  });

  it('in bulk let others go first, and end the commit that others wait for', () => {
    const { together } = newQueue('bulk', 'bulk', 'bulk');
    expect(together([], ['write'])).toEqual(['bulk', 'write']);
    expect(together([], [], [], ['another'])).toEqual(['bulk', 'bulk']);
  });

  it('in bulk have every second commit, however many others come', () => {
    const { together, add } = newQueue('bulk', 'bulk', 'write');
    expect(together()).toEqual(['write']);
    add('write', 'write');
    expect(together()).toEqual(['write', 'write', 'bulk']);
    add('write');
    expect(together()).toEqual(['write']);
    expect(together(['write'])).toEqual(['write', 'bulk']);
  });

  it('in bulk have their turn also where more others wait than share a commit', () => {
    const { together } = newQueue('bulk', ...some(600, 'write'));
    expect(together()).toEqual(some(256, 'write'));
    expect(together()).toEqual([...some(255, 'write'), 'bulk']);
  });

  it('that compact the database stand alone', () => {
    const { queue, together } = newQueue('write', compactOrder);
    expect(together()).toEqual(['write']);
    expect(queue.isEmpty).toBe(false);
    expect(queue.takeCompaction()).toMatchObject({ command: compactOrder });
    expect(queue.takeCompaction()).toBeUndefined();
    expect(queue.isEmpty).toBe(true);
  });
});
