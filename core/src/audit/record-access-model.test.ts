import { describe, expect, it } from 'vitest';
import { type AccessRow, kindOf, toRecordAccessPage } from './record-access-model.ts';

const row = (at: string, change: Partial<AccessRow> = {}): AccessRow => ({
  at: new Date(at),
  personId: 'p',
  role: 'provider',
  action: 'encounter.read',
  displayName: 'Dr. Ada',
  ...change,
});

describe('who saw my record', () => {
  it('calls acts what a patient would', () => {
    const actions = ['encounter.read', 'grant.redeem', 'message.send', 'audit.export', 'appointment.cancel', 'set-up'];
    expect(actions.map(kindOf)).toEqual(['looked', 'visited', 'wrote', 'exported', 'changed', 'changed']);
  });

  it('says of nobody who only looked at lists of theirs that they changed something', () => {
    const looks = ['appointments.list', 'appointments.ofPatient', 'waitlist.read', 'waitlist.ofPatient'];
    expect(new Set(looks.map(kindOf))).toEqual(new Set(['looked']));
  });

  it('tells once what somebody did again and again within a minute', () => {
    const page = toRecordAccessPage(
      [
        row('2026-03-02T09:01:10.000Z'),
        row('2026-03-02T09:00:40.000Z'),
        row('2026-03-02T09:00:20.000Z'),
        row('2026-03-02T09:00:10.000Z', { personId: 'q', displayName: 'Dr. Bo' }),
      ],
      10,
    );
    expect(page.entries.map(({ at, name }) => `${at.slice(14, 19)} ${name}`)).toEqual([
      '01:10 Dr. Ada',
      '00:40 Dr. Ada',
      '00:10 Dr. Bo',
    ]);
    expect(page.next).toBeNull();
  });

  it('ends a page between two instants', () => {
    const [a, b, c] = ['2026-03-02T09:03:00.000Z', '2026-03-02T09:02:00.000Z', '2026-03-02T09:01:00.000Z'] as const;
    expect(toRecordAccessPage([row(a), row(b), row(c)], 2)).toMatchObject({ entries: [{ at: a }, { at: b }], next: b });
    expect(toRecordAccessPage([row(a), row(b), row(b)], 2)).toMatchObject({ entries: [{ at: a }], next: a });
    expect(toRecordAccessPage([row(a), row(a), row(a)], 2).next).toBe(a);
  });
});
