import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onlyIssuer } from '../src/index.ts';
import { sha256 } from '../src/secrets.ts';
import { Browser } from './support/browser.ts';
import { type Clinic, MINUTE_MS, type Somebody, startClinic, startVisit } from './support/clinic.ts';
import { startIssuer, type TestIssuer } from './support/issuer.ts';

describe('sign-in at a real issuer', () => {
  let issuer: TestIssuer;
  let clinic: Clinic;
  let patient: Somebody;
  beforeAll(async () => {
    clinic = await startClinic(async (origin) => {
      issuer = await startIssuer(`${origin}/auth/callback`);
      return { issuers: [onlyIssuer({ ...issuer, issuer: issuer.url })] };
    });
    // The issuer's clock is the machine's.
    clinic.clock.now = Date.now();
    patient = await clinic.person('pat', 'patient');
  });
  afterAll(async () => {
    await clinic[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  const browserAs = (subject: string) => {
    const browser = new Browser(clinic.origin);
    browser.setCookie('subject', subject, issuer.url);
    return browser;
  };
  const atCallback = (location: string) => location.startsWith(`${clinic.origin}/auth/callback`);
  const atHome = (location: string) => new URL(location).origin === clinic.origin && !atCallback(location);

  it('leads through the issuer to where one wanted to go, with a session cookie no script can read', async () => {
    const browser = browserAs('pat');
    const { answer } = await browser.follow('/auth/login?return_to=/visit/1%3Fa=b', atHome);
    expect(answer).toMatchObject({ status: 303 });
    expect(answer.headers.get('location')).toBe('/visit/1?a=b');
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('bedside_session='));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Path=\//);
    expect((await browser.get('/api/v1/me')).body).toMatchObject({ person: { id: patient.id } });

    const value = browser.cookie('bedside_session') ?? '';
    const sessions = await clinic.database.db.selectFrom('sessions').selectAll().execute();
    expect(sessions.map((session) => session.idHash)).toContain(sha256(value));
    expect(JSON.stringify(sessions)).not.toContain(value);
  });

  it('gives a new session id each time: a planted one is worth nothing', async () => {
    const browser = browserAs('pat');
    const planted = 'A'.repeat(43);
    browser.setCookie('bedside_session', planted);
    await browser.follow('/auth/login', atHome);
    const first = browser.cookie('bedside_session') ?? '';
    expect(first).not.toBe(planted);
    expect(await new Browser(clinic.origin, { bedside_session: planted }).get('/api/v1/me')).toMatchObject({
      status: 401,
    });
    await browser.follow('/auth/login', atHome);
    expect(browser.cookie('bedside_session')).not.toBe(first);
    expect(await new Browser(clinic.origin, { bedside_session: first }).get('/api/v1/me')).toMatchObject({
      status: 401,
    });
  });

  it('refuses a callback in another browser, and a second time in the same', async () => {
    const browser = browserAs('pat');
    const { answer } = await browser.follow('/auth/login', atCallback);
    const callback = answer.headers.get('location') ?? '';
    const stranger = await new Browser(clinic.origin).get(callback);
    expect(stranger.headers.get('location')).toBe('/?sign-in=sign_in_failed');
    expect(stranger.headers.getSetCookie().join()).not.toMatch(/bedside_session=[^;]/);
    expect((await browser.get(callback)).headers.get('location')).toBe('/');
    expect((await browser.get(callback)).headers.get('location')).toBe('/?sign-in=sign_in_failed');
  });

  it('refuses a code that belongs to another sign-in', async () => {
    const [one, other] = [browserAs('pat'), browserAs('pat')];
    const first = new URL((await one.follow('/auth/login', atCallback)).answer.headers.get('location') ?? '');
    const second = new URL((await other.follow('/auth/login', atCallback)).answer.headers.get('location') ?? '');
    first.searchParams.set('code', second.searchParams.get('code') ?? '');
    expect((await one.get(first.href)).headers.get('location')).toBe('/?sign-in=sign_in_failed');
  });

  it('refuses a sign-in that took too long', async () => {
    const browser = browserAs('pat');
    const { answer } = await browser.follow('/auth/login', atCallback);
    clinic.clock.now += 10 * MINUTE_MS;
    expect((await browser.get(answer.headers.get('location') ?? '')).headers.get('location')).toBe(
      '/?sign-in=sign_in_failed',
    );
    clinic.clock.now = Date.now();
  });

  it('says that an account is not known here, and writes it down', async () => {
    const browser = browserAs('somebody-else');
    const { answer } = await browser.follow('/auth/login', atHome);
    expect(answer.headers.get('location')).toBe('/?sign-in=account_unknown');
    expect(browser.cookie('bedside_session')).toBeUndefined();
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'session.open',
      outcome: 'denied',
      reason: 'account-unknown',
    });
  });

  it('lets nobody in whose account was closed, and shows those out who are in', async () => {
    const gone = await clinic.person('gone', 'patient');
    await clinic.database.db.updateTable('people').set({ isActive: false }).where('id', '=', gone.id).execute();
    expect(await gone.browser.get('/api/v1/me')).toMatchObject({ status: 401 });
    const { answer } = await browserAs('gone').follow('/auth/login', atHome);
    expect(answer.headers.get('location')).toBe('/?sign-in=account_unknown');
  });

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/a/..//evil.example'])(
    'refuses to lead to %s',
    async (target) => {
      const answer = await new Browser(clinic.origin).get(`/auth/login?return_to=${encodeURIComponent(target)}`);
      expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
      expect(answer.headers.get('location')).toBeNull();
    },
  );

  it('signs out: the session, its grants, then the issuer', async () => {
    const browser = browserAs('pat');
    await browser.follow('/auth/login', atHome);
    const cookie = browser.cookie('bedside_session') ?? '';
    const answer = await browser.post('/auth/logout');
    expect(answer.status).toBe(200);
    const { redirectTo } = answer.body as { redirectTo: string };
    expect(redirectTo.startsWith(issuer.url)).toBe(true);
    expect(new URL(redirectTo).searchParams.get('post_logout_redirect_uri')).toBe(`${clinic.origin}/`);
    expect(browser.cookie('bedside_session')).toBeUndefined();
    expect(await new Browser(clinic.origin, { bedside_session: cookie }).get('/api/v1/me')).toMatchObject({
      status: 401,
    });
  });
});

describe('sessions', () => {
  it('end when idle or old; being in a visit is not idle', async () => {
    await using clinic = await startClinic();
    const { patient, guest, host } = await startVisit(clinic);
    clinic.clock.now += 4 * MINUTE_MS;
    for (let minutes = 4; minutes <= 44; minutes += 4) {
      await clinic.ask('renewGrant', guest);
      clinic.clock.now += 4 * MINUTE_MS;
    }
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
    clinic.clock.now += 30 * MINUTE_MS;
    expect((await patient.browser.get('/api/v1/me')).status).toBe(401);

    const provider = await clinic.signIn(host.personId);
    for (let hours = 0; hours < 12 * 3; hours++) {
      clinic.clock.now += 19 * MINUTE_MS;
      expect((await provider.browser.get('/api/v1/me')).status).toBe(200);
    }
    clinic.clock.now += 37 * MINUTE_MS;
    expect((await provider.browser.get('/api/v1/me')).status).toBe(401);
  });

  it('GR6 take their grants with them when they end', async () => {
    await using clinic = await startClinic();
    const { patient, guest } = await startVisit(clinic);
    expect((await patient.browser.post('/auth/logout')).body).toEqual({ redirectTo: '/' });
    expect(clinic.announced.at(-1)).toEqual({
      type: 'grantRevoked',
      encounterId: guest.encounterId,
      grantId: guest.grantId,
    });
    await expect(clinic.ask('renewGrant', guest)).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('says in one word that the issuer cannot be reached', async () => {
    await using clinic = await startClinic();
    const answer = await new Browser(clinic.origin).get('/auth/login');
    expect(answer.headers.get('location')).toBe('/?sign-in=unavailable');
  });
});
