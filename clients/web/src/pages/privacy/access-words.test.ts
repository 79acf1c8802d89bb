import { describe, expect, test } from 'vitest';
import { accessWords, byDay } from './access-words.ts';

describe('who saw a record', () => {
  test.each([
    [{ name: 'Hannah Osei', role: 'front-desk', kind: 'looked' }, 'Hannah Osei (front desk) looked at it'],
    [{ name: 'Dr. A', role: 'patient', kind: 'visited' }, 'Dr. A was in a visit with you'],
    [{ name: null, role: 'system', kind: 'changed' }, 'Bedside itself changed something in it'],
  ] as const)('is said in plain words: %o', (entry, words) => {
    expect(accessWords(entry)).toBe(words);
  });

  test('stands day by day, in its order', () => {
    const entries = ['2026-11-22T10', '2026-11-22T09', '2026-11-21T09'].map((at) => ({ at }));
    const days = byDay(entries, (at) => at.slice(0, 10));
    expect(days.map(({ date, entries: ofDay }) => [date, ofDay.length])).toEqual([
      ['2026-11-22', 2],
      ['2026-11-21', 1],
    ]);
  });
});
