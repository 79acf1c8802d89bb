import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Gathering, type GatheringOptions } from './gathering.ts';

/** Rounds that end when they are told to. */
const controlled = (options: Partial<GatheringOptions<string, string>> = {}) => {
  const rounds: { items: readonly string[]; end: () => void; fail: (error: unknown) => void }[] = [];
  const gathering = new Gathering<string, string>({
    together: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      rounds.push({ items, end: () => resolve(items.map((item) => `${item}!`)), fail: reject });
      return promise;
    },
    alone: async (item) => {
      if (item === 'bad') throw new Error('at fault');
      return `${item} alone`;
    },
    most: 3,
    rounds: 1,
    ...options,
  });
  /** Once so many rounds began, what each asks for. */
  const begun = async (count: number): Promise<(readonly string[])[]> => {
    while (rounds.length < count) await turn();
    return rounds.map(({ items }) => items);
  };
  return { rounds, gathering, begun };
};

test('the first goes at once, what comes meanwhile goes together, most at the most', async () => {
  const { rounds, gathering, begun } = controlled();
  const asked = [gathering.ask('a')];
  expect(await begun(1)).toEqual([['a']]);
  asked.push(...['b', 'c', 'd', 'e'].map((item) => gathering.ask(item)));
  rounds[0]?.end();
  expect(await begun(2)).toEqual([['a'], ['b', 'c', 'd']]);
  rounds[1]?.end();
  expect(await begun(3)).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  rounds[2]?.end();
  expect(await Promise.all(asked)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!']);
});

test('of those that share something the later goes later, and never past an earlier one', async () => {
  const { rounds, gathering, begun } = controlled({ most: 10, rounds: 2, distinctBy: (item) => [...item] });
  const asked = ['ab', 'bc', 'cd', 'e'].map((item) => gathering.ask(item));
  // `cd` shares nothing with `ab`, but `bc` was there before it.
  expect(await begun(1)).toEqual([['ab', 'e']]);
  rounds[0]?.end();
  expect(await begun(2)).toEqual([['ab', 'e'], ['bc']]);
  rounds[1]?.end();
  expect(await begun(3)).toEqual([['ab', 'e'], ['bc'], ['cd']]);
  rounds[2]?.end();
  expect(await Promise.all(asked)).toEqual(['ab!', 'bc!', 'cd!', 'e!']);
});

test('a round that was refused is asked one by one: who is at fault fails alone', async () => {
  const { rounds, gathering, begun } = controlled();
  const asked = ['a', 'bad', 'c'].map((item) => gathering.ask(item));
  await begun(1);
  rounds[0]?.fail(Object.assign(new Error('refused'), { code: '23503' }));
  expect(await Promise.allSettled(asked)).toMatchObject([
    { value: 'a alone' },
    { reason: { message: 'at fault' } },
    { value: 'c alone' },
  ]);
});

test('a round whose connection was lost is not asked again: it may be done', async () => {
  const { rounds, gathering, begun } = controlled();
  const asked = ['a', 'b'].map((item) => gathering.ask(item));
  await begun(1);
  const lost = Object.assign(new Error('gone'), { code: '57P01' });
  rounds[0]?.fail(lost);
  expect(await Promise.allSettled(asked)).toEqual([
    { status: 'rejected', reason: lost },
    { status: 'rejected', reason: lost },
  ]);
});
