import { AppointmentStatus } from '@bedside/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVE_STATUSES, type AppointmentEvent, afterAppointmentEvent, transitions } from './appointment-model.ts';

const EVENTS: readonly AppointmentEvent[] = [
  'arrive',
  'wait',
  'admit',
  'begin',
  'sendBack',
  'end',
  'cancel',
  'miss',
  'move',
];

describe('appointment', () => {
  it('goes the way of a visit', () => {
    const way: AppointmentEvent[] = ['arrive', 'wait', 'admit', 'begin', 'sendBack', 'admit', 'begin', 'end'];
    let status: AppointmentStatus = 'booked';
    const states = way.map((event) => {
      status = afterAppointmentEvent(status, event) ?? 'booked';
      return status;
    });
    expect(states).toEqual([
      'arrived',
      'in-waiting',
      'admitted',
      'in-visit',
      'in-waiting',
      'admitted',
      'in-visit',
      'fulfilled',
    ]);
  });

  it('can be neither cancelled nor moved once the patient was let in', () => {
    for (const event of ['cancel', 'move'] as const) {
      expect(afterAppointmentEvent('admitted', event)).toBeUndefined();
      expect(afterAppointmentEvent('in-visit', event)).toBeUndefined();
    }
  });

  it('ends as a no-show where the patient never came', () => {
    expect(afterAppointmentEvent('booked', 'end')).toBe('no-show');
  });

  it('never leaves a final state, whatever happens (seeded)', () => {
    const finals: readonly string[] = AppointmentStatus.options.filter(
      (status) => !(ACTIVE_STATUSES as readonly string[]).includes(status),
    );
    for (const status of finals) expect(transitions[status as AppointmentStatus]).toEqual({});
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        let status: AppointmentStatus = 'booked';
        for (const event of events) {
          const next: AppointmentStatus | undefined = afterAppointmentEvent(status, event);
          if (finals.includes(status)) expect(next).toBeUndefined();
          status = next ?? status;
        }
      }),
      { seed: 20_261_122 },
    );
  });
});
