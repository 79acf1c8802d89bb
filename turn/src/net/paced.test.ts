import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Paced } from './paced.ts';

const paced = (maxItems = 100) => {
  const ran: number[] = [];
  const overflowed: number[] = [];
  const queue = new Paced<number>({
    perTurn: 2,
    maxItems,
    run: (item) => ran.push(item),
    onOverflow: (item) => overflowed.push(item),
  });
  return { queue, ran, overflowed };
};

it('BOUND5: carries out so much a turn, in order', async () => {
  const { queue, ran } = paced();
  for (const item of [1, 2, 3, 4, 5]) queue.add(item);
  expect(ran).toEqual([]);
  await nextTurn();
  expect(ran).toEqual([1, 2]);
  await nextTurn();
  expect(ran).toEqual([1, 2, 3, 4]);
  await nextTurn();
  expect(ran).toEqual([1, 2, 3, 4, 5]);
});

it('forgets what has gone away, and overflows the oldest', async () => {
  const { queue, ran, overflowed } = paced(3);
  for (const item of [1, 2, 3, 4]) queue.add(item);
  expect(overflowed).toEqual([1]);
  queue.delete(2);
  await nextTurn();
  expect(ran).toEqual([3, 4]);
});
