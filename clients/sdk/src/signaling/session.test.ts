import { RESUME_WINDOW_MS } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { VisitError, type VisitErrorCode } from '../errors.ts';
import { FakePlatform } from '../testing/fake-platform.ts';
import { settle } from '../testing/manual-timers.ts';
import { ENCOUNTER, GRANT, welcome } from '../testing/samples.ts';
import type { VisitEnd } from './close-verdict.ts';
import { SignalingSession } from './session.ts';

const setUp = (failures: VisitErrorCode[] = []) => {
  const platform = new FakePlatform();
  const grants = { asked: 0 };
  const ends: VisitEnd[] = [];
  const statuses: string[] = [];
  const session = new SignalingSession({
    encounterId: ENCOUNTER,
    platform,
    getGrant: async () => {
      grants.asked += 1;
      const code = failures.shift();
      if (code) throw new VisitError(code);
      return GRANT;
    },
  });
  session.on('closed', (end) => ends.push(end));
  session.on('status', (status) => statuses.push(status));
  const greet = async (n: number) => {
    await settle();
    platform.socket.open();
    const hello = platform.socket.answer('hello', welcome(n, { resumed: n > 1 }));
    await settle();
    return hello;
  };
  return { platform, session, grants, ends, statuses, greet };
};

describe('SignalingSession', () => {
  test('GR7 says hello with a grant, which is not in the address', async () => {
    const { platform, session, greet, statuses } = setUp();
    session.start();
    const hello = await greet(1);
    expect(hello).toEqual({ encounterId: ENCOUNTER, grant: 'grant' });
    expect(platform.socket.url).not.toContain('grant=');
    expect(statuses).toEqual(['connecting', 'connected']);
  });

  test('SES3 SES4 takes the session up again with the newest token', async () => {
    const { platform, session, greet, grants, statuses } = setUp();
    session.start();
    await greet(1);
    platform.socket.drop(1006);
    await platform.timers.advance(250);
    expect(await greet(2)).toMatchObject({ resume: { token: welcome(1).resumeToken } });
    platform.socket.drop(1012);
    await platform.timers.advance(250);
    expect(await greet(3)).toMatchObject({ resume: { token: welcome(2).resumeToken } });
    expect(grants.asked).toBe(1);
    expect(statuses).toEqual(['connecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'connected']);
  });

  test('waits longer after each failure, and asks for a grant when the resume window has passed', async () => {
    const { platform, session, greet, grants } = setUp();
    session.start();
    await greet(1);
    platform.socket.drop(1006);
    const before = platform.sockets.length;
    for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]) {
      await platform.timers.advance(delayMs - 1);
      const tried = platform.sockets.length;
      await platform.timers.advance(1);
      expect(platform.sockets.length).toBe(tried + 1);
      platform.socket.drop(1006);
    }
    expect(platform.sockets.length).toBe(before + 7);
    expect(grants.asked).toBe(1);
    await platform.timers.advance(10_000);
    expect(platform.timers.nowMs - 1_000_000).toBeGreaterThan(RESUME_WINDOW_MS);
    expect(grants.asked).toBe(2);
    expect(await greet(1)).toMatchObject({ grant: 'grant' });
  });

  test('SES4 a resume that is refused asks for a new grant at once', async () => {
    const { platform, session, greet, grants, ends } = setUp();
    session.start();
    await greet(1);
    platform.socket.drop(1006);
    await platform.timers.advance(250);
    platform.socket.open();
    platform.socket.refuse('hello', 'resume_unknown');
    platform.socket.drop(4404, 'resume_unknown');
    expect(await greet(1)).toMatchObject({ grant: 'grant' });
    expect(grants.asked).toBe(2);
    expect(ends).toEqual([]);
  });

  test('GR3 a grant that is refused is replaced once, then the code is told', async () => {
    const { platform, session, grants, ends } = setUp();
    session.start();
    for (const delayMs of [250, 500]) {
      await settle();
      platform.socket.open();
      platform.socket.drop(4401, 'grant_wrong_person');
      await platform.timers.advance(delayMs);
    }
    expect(grants.asked).toBe(2);
    expect(ends).toEqual([{ kind: 'refused', code: 'grant_wrong_person' }]);
  });

  test('GR6 a grant that was withdrawn ends the visit here; none other is asked for', async () => {
    const { platform, session, greet, grants, ends } = setUp();
    session.start();
    await greet(1);
    platform.socket.drop(4401, 'grant_revoked');
    await platform.timers.advance(60_000);
    expect(grants.asked).toBe(1);
    expect(ends).toEqual([{ kind: 'refused', code: 'grant_revoked' }]);
  });

  test.each([
    [4409, { kind: 'replaced' }],
    [4410, { kind: 'ended' }],
  ])('SES5 END1 close %i is the end, told once', async (code, end) => {
    const { platform, session, greet, ends } = setUp();
    session.start();
    await greet(1);
    platform.socket.drop(code);
    await platform.timers.advance(60_000);
    expect(ends).toEqual([end]);
    expect(platform.sockets).toHaveLength(1);
    expect(platform.timers.pending).toBe(0);
    expect(session.status).toBe('closed');
  });

  test('core that does not answer is asked again; core that refuses is believed', async () => {
    const { platform, session, greet, grants, ends } = setUp(['unavailable', 'connection_lost']);
    session.start();
    await platform.timers.advance(250);
    await platform.timers.advance(500);
    await greet(1);
    expect(grants.asked).toBe(3);
    expect(ends).toEqual([]);
    const other = setUp(['visit_too_early']);
    other.session.start();
    await settle();
    expect(other.ends).toEqual([{ kind: 'refused', code: 'visit_too_early' }]);
  });

  test('rests while the browser is offline and tries at once when it is back', async () => {
    const { platform, session, greet, statuses } = setUp();
    session.start();
    await greet(1);
    platform.online = false;
    platform.socket.drop(1006);
    await platform.timers.advance(60_000);
    expect(platform.sockets).toHaveLength(1);
    expect(statuses.at(-1)).toBe('offline');
    platform.setOnline(true);
    await settle();
    expect(platform.sockets).toHaveLength(2);
  });

  test('a network that came back under an open socket is met with a resume', async () => {
    const { platform, session, greet } = setUp();
    session.start();
    await greet(1);
    platform.setOnline(false);
    platform.setOnline(true);
    expect(platform.sockets).toHaveLength(2);
    expect(platform.sockets[0]?.closedWith).toBeDefined();
    expect(await greet(2)).toHaveProperty('resume');
  });

  test('SES10 a path that went silent is noticed by the ping', async () => {
    const { platform, session, greet, statuses } = setUp();
    session.start();
    await greet(1);
    await platform.timers.advance(15_000);
    platform.socket.answer('ping');
    await platform.timers.advance(15_000);
    await platform.timers.advance(8_000);
    expect(statuses.at(-1)).toBe('reconnecting');
  });

  test('what an old socket still says is not heard', async () => {
    const { platform, session, greet } = setUp();
    const heard: string[] = [];
    session.on('server', ({ event }) => heard.push(event));
    session.start();
    await greet(1);
    const [old] = platform.sockets;
    old?.drop(1006);
    old?.event('ended', { reason: 'ended-by-host', at: '2030-01-01T10:00:00.000Z' });
    await platform.timers.advance(250);
    expect(heard).toEqual([]);
  });

  test('renew throws the session away and comes with a fresh grant', async () => {
    const { platform, session, greet, grants } = setUp();
    session.start();
    await greet(1);
    session.renew();
    await platform.timers.advance(250);
    expect(await greet(1)).toHaveProperty('grant');
    expect(grants.asked).toBe(2);
  });

  test('SES7 leaving tells the server and ends, answered or not', async () => {
    const { platform, session, greet, ends } = setUp();
    session.start();
    await greet(1);
    const gone = session.leave();
    platform.socket.drop(1006);
    await gone;
    expect(ends).toEqual([{ kind: 'left' }]);
    expect(platform.timers.pending).toBe(0);
  });

  test('a session that is stopped while its grant is under way opens nothing', async () => {
    const { platform, session, ends } = setUp();
    session.start();
    session.stop({ kind: 'left' });
    await settle();
    expect(platform.sockets).toHaveLength(0);
    expect(ends).toEqual([{ kind: 'left' }]);
  });
});
