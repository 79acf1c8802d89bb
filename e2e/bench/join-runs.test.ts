import { expect, test } from 'vitest';
import { percentile, stepTable, timeJoins } from './join-runs.ts';

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect([percentile(values, 0.5), percentile(values, 0.95), percentile([7], 0.95)]).toEqual([10, 19, 7]);
});

test('the warm-up is timed and left out', async () => {
  let joins = 0;
  const subject = {
    name: 'fake',
    join: async () => ({ totalMs: ++joins, marks: [] }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  expect((await timeJoins(subject, 3, () => undefined)).map(({ totalMs }) => totalMs)).toEqual([2, 3, 4]);
});

test('steps stand in the order of their medians; those that few joins have are left out', () => {
  const join = (open: number, rare: boolean) => ({
    totalMs: 50,
    marks: [{ name: 'frame', atMs: 50 }, { name: 'open', atMs: open }, ...(rare ? [{ name: 'rare', atMs: 1 }] : [])],
  });
  const [, ...rows] = stepTable('x', [join(5, false), join(6, true), join(7, false)]).split('\n');
  expect(rows.map((row) => row.split(/\s+/))).toEqual([
    ['open', '6.0', '6.0', '7.0'],
    ['frame', '50.0', '44.0', '50.0'],
  ]);
});
