import { describe, expect, test } from 'vitest';
import { datesWords, endedIn, has, isOver } from './dated.ts';

const TODAY = '2026-11-22';
const since = { validFrom: '2026-01-01', source: 'Board' };
const ahead = { validFrom: '2027-03-01', validTo: '2027-05-31', source: 'Board' };

describe('rules with dates', () => {
  test.each([
    [since, 'since January 1'],
    [ahead, 'from March 1, 2027 until May 31, 2027'],
  ])('say from when until when: %o', (row, words) => {
    expect(datesWords(row, TODAY)).toBe(words);
  });

  test('hold on their last day', () => {
    expect(isOver({ validTo: TODAY }, TODAY)).toBe(false);
    expect(isOver({ validTo: '2026-11-21' }, TODAY)).toBe(true);
    expect(isOver({}, TODAY)).toBe(false);
  });

  test('end on a day, or go where they would never hold; others stay', () => {
    expect(endedIn([since, ahead], { ...since }, TODAY)).toEqual([{ ...since, validTo: TODAY }, ahead]);
    expect(endedIn([since, ahead], ahead, TODAY)).toEqual([since]);
  });

  test('are known by what they say, in whatever order', () => {
    expect(has([since, ahead], { source: 'Board', validFrom: '2026-01-01' })).toBe(true);
    expect(has([ahead], since)).toBe(false);
  });
});
