import { describe, expect, test } from 'vitest';
import { hoursAround, intoLanes, isOutside, placeOn } from './grid-model.ts';

const zone = 'America/New_York';
const span = (startsAt: string, endsAt: string) => ({ startsAt: `${startsAt}:00.000Z`, endsAt: `${endsAt}:00.000Z` });

describe('placing on a date', () => {
  test('cuts at midnight and leaves out what only touches it', () => {
    const night = span('2026-11-23T03:00', '2026-11-23T06:00');
    expect(placeOn([night], { date: '2026-11-22', timeZone: zone })).toEqual([{ item: night, from: 1320, to: 1440 }]);
    expect(placeOn([night], { date: '2026-11-23', timeZone: zone })).toEqual([{ item: night, from: 0, to: 60 }]);
    const untilMidnight = span('2026-11-23T03:00', '2026-11-23T05:00');
    expect(placeOn([untilMidnight], { date: '2026-11-23', timeZone: zone })).toEqual([]);
  });

  test('draws by its length what ends on an earlier reading than it starts', () => {
    const twice = span('2026-11-01T05:50', '2026-11-01T06:10');
    expect(placeOn([twice], { date: '2026-11-01', timeZone: zone })).toEqual([{ item: twice, from: 110, to: 130 }]);
  });
});

describe('lanes', () => {
  const lanesOf = (...spans: [number, number][]) =>
    intoLanes(spans.map(([from, to]) => ({ item: '', from, to }))).map(({ lane, lanes }) => `${lane}/${lanes}`);

  test('one after the other share the width', () => {
    expect(lanesOf([540, 560], [560, 580])).toEqual(['0/1', '0/1']);
  });

  test('what overlaps stands side by side, and only that', () => {
    expect(lanesOf([540, 600], [560, 580], [580, 620], [700, 720])).toEqual(['0/2', '1/2', '1/2', '0/1']);
  });

  test('the very short do not cover what follows', () => {
    expect(lanesOf([540, 545], [550, 570])).toEqual(['0/2', '1/2']);
  });
});

test('the hours hold everything, and the working day', () => {
  expect(hoursAround([])).toEqual({ from: 480, to: 1080 });
  expect(
    hoursAround([
      { from: 385, to: 400 },
      { from: 1100, to: 1205 },
    ]),
  ).toEqual({ from: 360, to: 1260 });
});

describe('outside of the hours', () => {
  const visit = { ...span('2026-11-23T15:00', '2026-11-23T15:20'), visitType: { id: 'a' } };
  const open = (from: string, to: string, ...visitTypeIds: string[]) => ({
    ...span(`2026-11-23T${from}`, `2026-11-23T${to}`),
    visitTypeIds,
  });

  test.each([
    ['nothing open', [], true],
    ['within', [open('14:00', '16:00')], false],
    ['over the end', [open('14:00', '15:10')], true],
    ['open for others only', [open('14:00', '16:00', 'b')], true],
    ['two that touch', [open('15:10', '16:00', 'a', 'b'), open('14:00', '15:10', 'a')], false],
    ['two with a gap', [open('14:00', '15:10'), open('15:15', '16:00')], true],
  ])('%s', (_name, windows, outside) => {
    expect(isOutside(visit, windows)).toBe(outside);
  });
});
