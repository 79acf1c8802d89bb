import { ERRORS } from '@bedside/protocol';
import { CLIENT_ERRORS, MEDIA_PATHS, type VisitErrorCode } from '@bedside/sdk';
import { describe, expect, test } from 'vitest';
import { signInSentence } from '../../text/sign-in.ts';
import { afterWords } from './after-words.ts';
import { connectionLabel, connectionSentence } from './connection-words.ts';
import { doorWords } from './door-words.ts';
import { joinWords } from './join-words.ts';
import { networkWords, pathWords } from './path-words.ts';
import { waitingWords } from './waiting-words.ts';

const isSentence = (text: string): boolean => /^\p{Lu}.*[.!?…]$/su.test(text);

describe('words of the visit', () => {
  test('every code has a title and a plain sentence at the door', () => {
    for (const code of Object.keys({ ...ERRORS, ...CLIENT_ERRORS }) as VisitErrorCode[]) {
      const { title, text } = doorWords(code);
      expect([title, text].every(isSentence), code).toBe(true);
      expect(`${title} ${text}`).not.toContain('_');
    }
  });

  test.each([
    ['on', 'on', 'I’m ready'],
    ['failed', 'on', 'Join with sound only'],
    ['on', 'failed', 'Join without a microphone'],
    ['off', 'failed', 'Join and write'],
    ['starting', 'starting', 'I’m ready'],
  ] as const)('camera %s, microphone %s: %s', (camera, microphone, button) => {
    expect(joinWords({ camera, microphone, role: 'patient' }).button).toBe(button);
  });

  const waiting = { provider: 'Dr. Lindgren', hostPresent: false, lateMinutes: 0, startsAtMs: 600_000, nowMs: 0 };

  test('WAIT3 the waiting room says whether somebody is there, and how late', () => {
    expect(waitingWords({ ...waiting, hostPresent: true, lateMinutes: 9 })).toEqual({
      title: 'Dr. Lindgren is here and will let you in.',
      text: 'It should only take a moment.',
    });
    expect(waitingWords({ ...waiting, lateMinutes: 15 }).late).toContain('about 15 minutes late');
    expect(waitingWords({ ...waiting, lateMinutes: 1 }).late).toContain('about 1 minute late');
    expect(waitingWords(waiting)).not.toHaveProperty('late');
  });

  test('who is early hears that, who is not hears that they are expected', () => {
    expect(waitingWords(waiting).text).toContain('good time');
    expect(waitingWords({ ...waiting, nowMs: 700_000 }).text).toContain('know that you are waiting');
  });

  test.each([
    [{ kind: 'left' }, 'You have left the visit.'],
    [{ kind: 'ended' }, 'Thank you for your visit.'],
    [{ kind: 'ended', reason: 'cancelled' }, 'This visit was cancelled.'],
    [{ kind: 'replaced' }, 'You opened this visit somewhere else.'],
  ] as const)('after %o: %s', (end, title) => {
    expect(afterWords({ end, role: 'patient', provider: 'Dr. Lindgren' }).title).toBe(title);
  });

  test('the connection is named in plain words, and is silent when all is well', () => {
    expect(connectionLabel('reconnecting')).toBe('Reconnecting…');
    expect(connectionLabel('weak')).toBe('Connection is weak');
    expect(connectionSentence('connected')).toBe('');
    expect(connectionSentence('offline')).toContain('you keep your place');
  });

  test('the way through the network is told plainly, and joining is never forbidden', () => {
    for (const path of MEDIA_PATHS) expect(isSentence(pathWords(path))).toBe(true);
    for (const network of ['udp', 'tcp', 'tls', 'blocked'] as const)
      expect(isSentence(networkWords(network))).toBe(true);
    expect(pathWords('relay-tls')).toContain('web pages');
    expect(networkWords('blocked')).toContain('You can join');
  });

  test('a failed sign-in is told plainly, also for codes that nobody foresaw', () => {
    expect(signInSentence('account_unknown')).toContain('Ask the clinic');
    expect(isSentence(signInSentence('constructor'))).toBe(true);
  });
});
