import { describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { MINUTE_MS, type Somebody, startClinic } from './support/clinic.ts';
import { type SmallClinic, startSmallClinic } from './support/two-issuers.ts';

const machine = {
  label: 'Reporting',
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  actions: ['slots.read'],
};
const sensitive = (browser: Browser) => browser.post('/api/v1/machines', machine);

const stepUp = async (world: SmallClinic, browser: Browser, query = '') => {
  const atHome = (location: string) => location.startsWith(world.clinic.origin) && !location.includes('/auth/callback');
  const { answer } = await browser.follow(`/auth/login?step_up=true${query}`, atHome);
  return answer.headers.get('location');
};

describe('a sensitive act', () => {
  it('wants a fresh proof, says where to give it, and goes on afterwards under another cookie', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('boss', 'admin');
    small.subject = 'boss';
    const { browser } = await world.signIn();
    expect((await sensitive(browser)).status).toBe(201);
    clinic.clock.now += 10 * MINUTE_MS;
    expect(await sensitive(browser)).toMatchObject({
      status: 403,
      code: 'step_up_required',
      body: { stepUp: { signIn: '/auth/login?step_up=true' } },
    });
    const before = browser.cookie('bedside_session') ?? '';
    expect(await stepUp(world, browser, '&return_to=/machines')).toBe('/machines');
    expect(small.asked.get('max_age')).toBe('0');
    expect(small.asked.get('prompt')).toBe('login');
    expect(browser.cookie('bedside_session')).not.toBe(before);
    expect((await sensitive(browser)).status).toBe(201);
    // Whoever had the cookie from before has nothing.
    expect((await new Browser(clinic.origin, { bedside_session: before }).get('/api/v1/me')).status).toBe(401);
    const { sessions } = (await browser.get('/api/v1/me/sessions')).body as { sessions: { issuer?: string }[] };
    expect(sessions.filter((session) => session.issuer === 'small')).toHaveLength(1);
    expect((await clinic.audit()).map((row) => row.action)).toContain('session.step-up');
  });

  it('is not opened by the issuer’s word of long ago, by another person, or in another session', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('boss', 'admin');
    await clinic.person('pat', 'patient');
    small.subject = 'boss';
    const { browser } = await world.signIn();
    clinic.clock.now += 10 * MINUTE_MS;
    const failed = '/?sign-in=step_up_failed';
    small.claims = { auth_time: small.nowSeconds() - 300 };
    expect(await stepUp(world, browser)).toBe(failed);
    small.edit = ({ auth_time: _authTime, ...claims }) => claims;
    small.claims = {};
    expect(await stepUp(world, browser)).toBe(failed);
    small.edit = (claims) => claims;
    small.subject = 'pat';
    expect(await stepUp(world, browser)).toBe(failed);
    small.subject = 'boss';
    const atCallback = (location: string) => location.includes(world.callbackPath);
    const { answer } = await browser.follow('/auth/login?step_up=true', atCallback);
    const other = (await world.signIn()).browser;
    browser.setCookie('bedside_session', other.cookie('bedside_session') ?? '');
    expect((await browser.get(answer.headers.get('location') ?? '')).headers.get('location')).toBe(failed);
  });

  it('takes the strength that the issuer was asked for, and no less', async () => {
    await using world = await startSmallClinic({ entry: { stepUp: { by: 'acr', values: ['urn:mfa', 'urn:key'] } } });
    const { clinic, small } = world;
    await clinic.person('boss', 'admin');
    small.subject = 'boss';
    const { browser } = await world.signIn();
    expect(await sensitive(browser)).toMatchObject({ code: 'step_up_required' });
    small.edit = (claims) => ({ ...claims, acr: 'urn:password' });
    expect(await stepUp(world, browser)).toBe('/?sign-in=step_up_failed');
    small.edit = (claims) => claims;
    expect(await stepUp(world, browser)).toBe('/');
    expect(small.asked.get('acr_values')).toBe('urn:mfa urn:key');
    expect((await sensitive(browser)).status).toBe(201);
  });

  it('keeps a visit under way going', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    const doctor = await clinic.person('doc', 'provider');
    const patient = await clinic.person('pat', 'patient');
    const visit = await clinic.book({ patient, provider: doctor });
    small.subject = 'doc';
    const { browser } = await world.signIn();
    const signedIn: Somebody = { id: doctor.id, cookie: browser.cookie('bedside_session') ?? '', browser };
    const holder = await clinic.enter(signedIn, visit);
    await stepUp(world, browser);
    await clinic.ask('renewGrant', holder);
    await browser.post('/auth/logout');
    await expect(clinic.ask('renewGrant', holder)).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('is asked of everything that changes rules, opens the trail or lets machines in', async () => {
    await using clinic = await startClinic();
    const admin = await clinic.person('boss', 'admin');
    clinic.clock.now += 10 * MINUTE_MS;
    const { body } = await admin.browser.get('/api/v1/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, unknown>> };
    const asked: string[] = [];
    for (const [path, operations] of Object.entries(paths))
      for (const method of Object.keys(operations)) {
        const url = path.replaceAll(/\{[^}]+\}/g, admin.id);
        const answer =
          method === 'get' ? await admin.browser.get(url) : await admin.browser.write(method.toUpperCase(), url);
        if (answer.code === 'step_up_required') asked.push(`${method} ${path}`);
      }
    expect(asked.sort()).toMatchSnapshot();
  });
});

describe('one’s own sessions', () => {
  it('can be seen and ended one by one, and nobody else’s', async () => {
    await using world = await startSmallClinic();
    const { clinic } = world;
    await clinic.person('pat', 'patient');
    const stranger = await clinic.person('sam', 'patient');
    const [here, there] = [(await world.signIn()).browser, (await world.signIn()).browser];
    const list = async (browser: Browser) =>
      (
        (await browser.get('/api/v1/me/sessions')).body as {
          sessions: { id: string; current: boolean; issuer?: string }[];
        }
      ).sessions;
    const mine = await list(here);
    expect(mine.map((session) => session.issuer).sort()).toEqual(['small', 'small', undefined]);
    expect(mine.filter((session) => session.current)).toHaveLength(1);
    const id = (await list(there)).find((session) => session.current)?.id ?? '';
    expect(await stranger.browser.write('DELETE', `/api/v1/me/sessions/${id}`)).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    expect((await there.get('/api/v1/me')).status).toBe(200);
    expect((await here.write('DELETE', `/api/v1/me/sessions/${id}`)).status).toBe(200);
    expect((await there.get('/api/v1/me')).status).toBe(401);
    expect((await here.get('/api/v1/me')).status).toBe(200);
    expect((await list(here)).map((session) => session.id)).not.toContain(id);
  });

  it('last as long as their kind does', async () => {
    await using clinic = await startClinic(async () => ({
      sessions: {
        staff: { idleMs: 15 * MINUTE_MS, lifeMs: 60 * MINUTE_MS },
        patient: { idleMs: 60 * MINUTE_MS, lifeMs: 240 * MINUTE_MS },
      },
    }));
    const patient = await clinic.person('pat', 'patient');
    const doctor = await clinic.person('doc', 'provider');
    clinic.clock.now += 15 * MINUTE_MS;
    expect((await doctor.browser.get('/api/v1/me')).status).toBe(401);
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
  });

  it('end after their kind’s whole time, used or not', async () => {
    await using world = await startSmallClinic();
    const { clinic } = world;
    await clinic.person('pat', 'patient');
    const { browser } = await world.signIn();
    const { lifeMs } = clinic.config.sessions.patient;
    for (let spentMs = 20 * MINUTE_MS; spentMs < lifeMs; spentMs += 20 * MINUTE_MS) {
      clinic.clock.now += 20 * MINUTE_MS;
      expect((await browser.get('/api/v1/me')).status).toBe(200);
    }
    clinic.clock.now += 20 * MINUTE_MS;
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});

describe('writes of other sites', () => {
  it('are refused on every route that writes, though the cookie came along', async () => {
    await using clinic = await startClinic();
    const admin = await clinic.person('boss', 'admin', 'patient', 'provider', 'front-desk');
    const { body } = await admin.browser.get('/api/v1/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, unknown>> };
    const writes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => method !== 'get')
        .map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{[^}]+\}/g, admin.id) })),
    );
    expect(writes.length).toBeGreaterThan(30);
    const json = { 'content-type': 'application/json' };
    for (const { method, path } of [...writes, { method: 'POST', path: '/auth/logout' }])
      for (const headers of [
        json,
        { ...json, origin: 'https://evil.example' },
        { ...json, origin: 'null' },
        { ...json, 'sec-fetch-site': 'cross-site' },
        { ...json, 'sec-fetch-site': 'same-site' },
        { ...json, origin: clinic.origin, 'sec-fetch-site': 'cross-site' },
      ])
        expect(await admin.browser.send(method, path, { body: {}, headers }), `${method} ${path}`).toMatchObject({
          status: 403,
          code: 'cross_site',
        });
    expect((await admin.browser.get('/api/v1/me')).status).toBe(200);
  });
});
