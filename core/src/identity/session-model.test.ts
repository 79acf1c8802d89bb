import { describe, expect, it } from 'vitest';
import { cookieNames, isAlive, kindOf, rolesIn } from './session-model.ts';

const IDLE_MS = 30 * 60_000;
const LIFE_MS = 12 * 60 * 60_000;

const start = Date.parse('2026-03-02T10:00:00.000Z');
const session = (seenMs: number, ended = false) => ({
  seenAt: new Date(start + seenMs),
  expiresAt: new Date(start + LIFE_MS),
  endedAt: ended ? new Date(start) : null,
});
const at = (offsetMs: number) => new Date(start + offsetMs);

describe('session', () => {
  it('ends when nobody uses it', () => {
    expect(isAlive(session(0), IDLE_MS, at(IDLE_MS - 1))).toBe(true);
    expect(isAlive(session(0), IDLE_MS, at(IDLE_MS))).toBe(false);
  });

  it('ends after its life, however busy', () => {
    expect(isAlive(session(LIFE_MS - 1), IDLE_MS, at(LIFE_MS - 1))).toBe(true);
    expect(isAlive(session(LIFE_MS), IDLE_MS, at(LIFE_MS))).toBe(false);
  });

  it('ends when it was ended', () => {
    expect(isAlive(session(0, true), IDLE_MS, at(0))).toBe(false);
  });

  it('has a cookie bound to the host where there is https', () => {
    expect(cookieNames('https://visits.example')).toMatchObject({ session: '__Host-bedside_session', secure: true });
    expect(cookieNames('http://localhost:8080')).toMatchObject({ session: 'bedside_session', secure: false });
  });

  it('has the roles of the capacity in which somebody came in, and never a machine’s', () => {
    const roles = ['patient', 'provider', 'admin', 'service'] as const;
    expect(rolesIn('any', roles)).toEqual(['patient', 'provider', 'admin']);
    expect(rolesIn('staff', roles)).toEqual(['provider', 'admin']);
    expect(rolesIn('patient', roles)).toEqual(['patient']);
    expect([kindOf(['patient']), kindOf(['patient', 'provider']), kindOf([])]).toEqual(['patient', 'staff', 'patient']);
  });
});
