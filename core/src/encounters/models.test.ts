import { EncounterStatus, Presence } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { GRANT_LIFE_MS } from '../grants/permissions.ts';
import { afterEncounterEvent, entryRefusal, entryWindow, isOver } from './encounter-model.ts';
import { afterPresenceEvent, appointmentEventOf, everybodyLeft, isConnected, presenceEvent } from './presence-model.ts';

const at = (text: string) => new Date(`2026-03-02T${text}:00.000Z`);

describe('encounter', () => {
  it('END1 is over once and stays so', () => {
    expect(afterEncounterEvent('planned', 'begin')).toBe('in-progress');
    expect(afterEncounterEvent('in-progress', 'finish')).toBe('finished');
    for (const status of EncounterStatus.options.filter(isOver)) {
      for (const event of ['begin', 'finish', 'cancel'] as const)
        expect(afterEncounterEvent(status, event)).toBeUndefined();
    }
  });

  it('cannot be cancelled while it is under way', () => {
    expect(afterEncounterEvent('in-progress', 'cancel')).toBeUndefined();
  });
});

describe('entry', () => {
  const window = entryWindow({
    startsAt: at('10:00'),
    endsAt: at('10:30'),
    earlyEntryMinutes: 15,
    lateEntryMinutes: 60,
  });

  it.each([
    ['planned', '09:44', 'visit_too_early'],
    ['planned', '09:45', undefined],
    ['planned', '11:30', undefined],
    ['planned', '11:31', 'visit_over'],
    ['in-progress', '13:00', undefined],
    ['finished', '10:10', 'visit_over'],
    ['cancelled', '09:00', 'visit_over'],
  ] as const)('END3 %s at %s: %s', (status, time, expected) => {
    expect(entryRefusal({ status, ...window }, at(time))).toBe(expected);
  });
});

describe('presence', () => {
  it.each(Presence.options)('WAIT1 takes the word that somebody is %s from absent', (presence) => {
    expect(afterPresenceEvent('absent', presenceEvent(presence))).toBe(presence);
  });

  it('WAIT5 sends back only who is in or waits', () => {
    expect(Presence.options.map((presence) => afterPresenceEvent(presence, 'sendBack'))).toEqual([
      undefined,
      undefined,
      'ready',
      'ready',
    ]);
  });

  it('moves the appointment', () => {
    expect(Presence.options.map(appointmentEventOf)).toEqual([undefined, 'arrive', 'wait', 'admit']);
  });

  it('counts as lost what was not heard of for a grant’s life', () => {
    const seenAt = at('10:00');
    expect(isConnected({ connected: true, seenAt }, new Date(seenAt.getTime() + GRANT_LIFE_MS))).toBe(true);
    expect(isConnected({ connected: true, seenAt }, new Date(seenAt.getTime() + GRANT_LIFE_MS + 1))).toBe(false);
    expect(isConnected({ connected: false, seenAt }, seenAt)).toBe(false);
    expect(isConnected({ connected: true, seenAt: null }, seenAt)).toBe(false);
  });

  it('END2 waits for everybody who was in', () => {
    const entered = { enteredAt: at('10:00'), leftAt: null };
    const left = { enteredAt: at('10:00'), leftAt: at('10:10') };
    const never = { enteredAt: null, leftAt: null };
    expect(everybodyLeft([never])).toBe(false);
    expect(everybodyLeft([entered, left])).toBe(false);
    expect(everybodyLeft([left, left, never])).toBe(true);
  });
});
