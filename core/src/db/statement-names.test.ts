import { expect, it } from 'vitest';
import { StatementNames } from './statement-names.ts';

it('names what comes again, always the same', () => {
  const names = new StatementNames();
  expect([1, 2, 3, 4].map(() => names.of('SELECT 1'))).toEqual([undefined, undefined, 'bedside_0', 'bedside_0']);
  for (let times = 0; times < 3; times++) names.of('SELECT 2');
  expect(names.of('SELECT 2')).toBe('bedside_1');
});

it('stays bounded whatever comes', () => {
  const names = new StatementNames();
  const given = new Set<string | undefined>();
  for (let index = 0; index < 5_000; index++)
    for (let times = 0; times < 4; times++) given.add(names.of(`SELECT ${index}`));
  given.delete(undefined);
  expect(given.size).toBe(300);
});

it('names a statement for each of those who run it', () => {
  const names = new StatementNames();
  const named = (as: string) => [1, 2, 3].map(() => names.of('SELECT 1', as)).at(-1);
  expect([named('person'), named('system'), named('person')]).toEqual(['bedside_0', 'bedside_1', 'bedside_0']);
});
