import { describe, expect, it } from 'vitest';
import { localTime, minuteOfDay } from './dates.ts';

describe('local times', () => {
  it.each(['00:00', '09:05', '23:59', '24:00'])('%s there and back', (time) => {
    expect(localTime(minuteOfDay(time))).toBe(time);
  });
});
