import type { VisitTypeId } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { openedSpans } from './opened-spans.ts';
import type { Opening } from './openings.ts';

const [video, phone] = ['video', 'phone'] as unknown as [VisitTypeId, VisitTypeId];
const open = (from: number, to: number, ...ids: VisitTypeId[]): Opening => [from, to, ids];
const spans = (before: Opening[], after: Opening[]) =>
  openedSpans(before, after).map(({ startMinute, endMinute }) => [startMinute, endMinute]);

describe('time that a change opens', () => {
  it.each([
    ['all of it where nothing was open', [], [open(0, 60)], [[0, 60]]],
    [
      'what is added at either end',
      [open(20, 40)],
      [open(0, 60)],
      [
        [0, 20],
        [40, 60],
      ],
    ],
    ['what fills a gap', [open(0, 20), open(40, 60)], [open(0, 60)], [[20, 40]]],
    ['nothing where time closes', [open(0, 60)], [open(20, 40)], []],
    ['nothing where it stays', [open(0, 60)], [open(0, 30), open(30, 60)], []],
    ['what admits another visit type', [open(0, 60, video)], [open(0, 60, video, phone)], [[0, 60]]],
    ['what admits every visit type', [open(0, 60, video)], [open(0, 60)], [[0, 60]]],
    ['nothing where it admits fewer', [open(0, 60)], [open(0, 60, video)], []],
  ])('is %s', (_, before, after, expected) => {
    expect(spans(before, after)).toEqual(expected);
  });
});
