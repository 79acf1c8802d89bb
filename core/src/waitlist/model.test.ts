import { describe, expect, it } from 'vitest';
import { LAPSES_MAX, offerExpiry, statusAt } from './model.ts';

const at = (text: string) => new Date(text);
const expiry = (now: string, startsAt: string, timeZone = 'America/New_York') =>
  offerExpiry({ now: at(now), startsAt: at(startsAt), minutes: 15, timeZone }).toISOString();

describe('an offer', () => {
  it('stands for its minutes by day, and never beyond the visit’s start', () => {
    expect(expiry('2026-03-02T15:00:00Z', '2026-03-03T15:00:00Z')).toBe('2026-03-02T15:15:00.000Z');
    expect(expiry('2026-03-02T15:00:00Z', '2026-03-02T15:08:00Z')).toBe('2026-03-02T15:08:00.000Z');
  });

  it('stands until the patient’s morning when it is made in their night', () => {
    expect(expiry('2026-03-03T03:00:00Z', '2026-03-04T15:00:00Z')).toBe('2026-03-03T13:15:00.000Z');
    expect(expiry('2026-03-03T11:00:00Z', '2026-03-04T15:00:00Z')).toBe('2026-03-03T13:15:00.000Z');
    // The clock is put forward in between.
    expect(expiry('2026-03-08T03:00:00Z', '2026-03-09T15:00:00Z')).toBe('2026-03-08T12:15:00.000Z');
    expect(expiry('2026-03-03T03:00:00Z', '2026-03-04T15:00:00Z', 'Asia/Tokyo')).toBe('2026-03-03T03:15:00.000Z');
  });

  it('does not keep a time through the night that is over in the morning', () => {
    expect(expiry('2026-03-03T03:00:00Z', '2026-03-03T13:00:00Z')).toBe('2026-03-03T03:15:00.000Z');
  });
});

describe('a place in line', () => {
  const entry = { status: 'waiting', latestAt: at('2026-03-10T00:00:00Z'), offerExpiresAt: null, lapses: 0 } as const;
  const now = at('2026-03-02T15:00:00Z');

  it('waits again once its offer is over, without anything having run', () => {
    const offered = { ...entry, status: 'offered', offerExpiresAt: now } as const;
    expect(statusAt({ ...offered, offerExpiresAt: at('2026-03-02T15:00:01Z') }, now)).toBe('offered');
    expect(statusAt(offered, now)).toBe('waiting');
    expect(statusAt({ ...offered, lapses: LAPSES_MAX - 1 }, now)).toBe('lapsed');
  });

  it('is over when its window has passed', () => {
    expect(statusAt(entry, at('2026-03-09T23:59:59Z'))).toBe('waiting');
    expect(statusAt(entry, at('2026-03-10T00:00:00Z'))).toBe('lapsed');
  });

  it('stays what it became', () => {
    expect(statusAt({ ...entry, status: 'accepted' }, at('2026-04-01T00:00:00Z'))).toBe('accepted');
    expect(statusAt({ ...entry, status: 'withdrawn' }, at('2026-04-01T00:00:00Z'))).toBe('withdrawn');
  });
});
