import { describe, expect, it } from 'vitest';
import { cookieNames, isAlive, SESSION_IDLE_MS, SESSION_LIFE_MS } from './session-model.ts';

const start = Date.parse('2026-03-02T10:00:00.000Z');
const session = (seenMs: number, ended = false) => ({
  seenAt: new Date(start + seenMs),
  expiresAt: new Date(start + SESSION_LIFE_MS),
  endedAt: ended ? new Date(start) : null,
});
const at = (offsetMs: number) => new Date(start + offsetMs);

describe('session', () => {
  it('ends when nobody uses it', () => {
    expect(isAlive(session(0), at(SESSION_IDLE_MS - 1))).toBe(true);
    expect(isAlive(session(0), at(SESSION_IDLE_MS))).toBe(false);
  });

  it('ends after its life, however busy', () => {
    expect(isAlive(session(SESSION_LIFE_MS - 1), at(SESSION_LIFE_MS - 1))).toBe(true);
    expect(isAlive(session(SESSION_LIFE_MS), at(SESSION_LIFE_MS))).toBe(false);
  });

  it('ends when it was ended', () => {
    expect(isAlive(session(0, true), at(0))).toBe(false);
  });

  it('has a cookie bound to the host where there is https', () => {
    expect(cookieNames('https://visits.example')).toMatchObject({ session: '__Host-bedside_session', secure: true });
    expect(cookieNames('http://localhost:8080')).toMatchObject({ session: 'bedside_session', secure: false });
  });
});
