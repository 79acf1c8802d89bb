import { describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { MINUTE_MS, startVisit } from './support/clinic.ts';
import { holdPerson, holdSessions, untilWaiting } from './support/locks.ts';
import { newPair, sign } from './support/small-issuer.ts';
import { type SmallClinic, startSmallClinic } from './support/two-issuers.ts';

const send = (origin: string, token: string) =>
  new Browser(origin).send('POST', '/auth/backchannel-logout/small', {
    raw: new URLSearchParams({ logout_token: token }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

describe('back-channel logout', () => {
  it('ends the one session that the issuer names, and its grants with it', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    small.claims = { sid: 'here' };
    const here = await world.signIn();
    small.claims = { sid: 'there' };
    const there = await world.signIn();
    const answer = await send(clinic.origin, await small.logoutToken({ sid: 'here' }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await here.browser.get('/api/v1/me')).status).toBe(401);
    expect((await there.browser.get('/api/v1/me')).status).toBe(200);
    expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'session.end', reason: 'by-the-issuer' });
  });

  it('ends all sessions of a person, and nobody else’s', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    const { patient, guest } = await startVisit(clinic);
    await clinic.database.db
      .updateTable('sessions')
      .set({ issuer: small.url, subject: 'pat' })
      .where('personId', '=', patient.id)
      .execute();
    const browsers = [(await world.signIn()).browser, (await world.signIn()).browser];
    small.subject = 'doc';
    const doctor = (await world.signIn()).browser;
    expect((await send(clinic.origin, await small.logoutToken({ sub: 'pat' }))).status).toBe(200);
    for (const browser of [...browsers, patient.browser]) expect((await browser.get('/api/v1/me')).status).toBe(401);
    expect((await doctor.get('/api/v1/me')).status).toBe(200);
    await expect(clinic.ask('renewGrant', guest)).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('refuses what is no logout token of this issuer, and one that came before', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    const { browser } = await world.signIn();
    const now = small.nowSeconds();
    // In its key set, and of a kind that it does not say it uses.
    const notOffered = await newPair('EdDSA');
    small.keys = [small.key, notOffered];
    clinic.clock.now += MINUTE_MS;
    const refused = [
      await small.logoutToken({}),
      await small.logoutToken({ sub: 'pat', events: {} }),
      await small.logoutToken({ sub: 'pat', nonce: 'n' }),
      await small.logoutToken({ sub: 'pat', jti: undefined }),
      await small.logoutToken({ sub: 'pat', iss: 'https://evil.example' }),
      await small.logoutToken({ sub: 'pat', aud: 'another' }),
      await small.logoutToken({ sub: 'pat', exp: now - 3_600 }),
      await small.logoutToken({ sub: 'pat', exp: undefined }),
      await small.logoutToken({ sub: 'pat', iat: now - 3_600 }),
      await small.logoutToken({ sub: 'pat', iat: now + 3_600 }),
      await small.logoutToken({ sub: 'pat' }, small.key, { typ: 'at+jwt' }),
      await small.logoutToken({ sub: 'pat' }, notOffered),
      'x',
    ];
    for (const token of refused)
      expect(await send(clinic.origin, token)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const empty = await new Browser(clinic.origin).send('POST', '/auth/backchannel-logout/small', {
      raw: 'logout_token=a&logout_token=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(empty.status).toBe(400);
    expect((await browser.get('/api/v1/me')).status).toBe(200);

    const token = await small.logoutToken({ sub: 'pat' });
    expect((await send(clinic.origin, token)).status).toBe(200);
    clinic.clock.now += 1;
    const again = await world.signIn();
    expect((await send(clinic.origin, token)).status).toBe(400);
    expect((await again.browser.get('/api/v1/me')).status).toBe(200);
    clinic.clock.now += 12 * MINUTE_MS;
    expect((await send(clinic.origin, token)).status).toBe(400);
    expect((await again.browser.get('/api/v1/me')).status).toBe(200);
  });
});

describe('back-channel logout while a sign-in is under way', () => {
  /** The issuer ends what `ended` names when it has been asked for the ID token and before it answers. */
  const endWithin = (world: SmallClinic, ended: Record<string, unknown>) => {
    const { clinic, small } = world;
    small.forge = async (claims) => {
      small.forge = undefined;
      expect((await send(clinic.origin, await small.logoutToken(ended))).status).toBe(200);
      return sign(claims, small.key);
    };
  };

  it.each([
    ['the person', { sub: 'pat' }],
    ['the session', { sid: 'here' }],
    ['the session of the person', { sub: 'pat', sid: 'here' }],
  ])('stops it where the issuer ends %s', async (_, ended) => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    small.claims = { sid: 'here' };
    endWithin(world, ended);
    const { browser, location } = await world.signIn();
    expect(location).toBe('/?sign-in=sign_in_failed');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'session.open',
      outcome: 'denied',
      reason: 'ended-by-the-issuer',
    });
    // Whoever begins afterwards is asked anew by the issuer, and comes in.
    clinic.clock.now += 1;
    const again = await world.signIn(browser);
    expect(again.location).toBe('/');
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  it.each([
    ['of somebody else', { sub: 'doc' }],
    ['of another session', { sid: 'there' }],
    ['of somebody else’s session of that name', { sub: 'doc', sid: 'here' }],
  ])('leaves it alone where it is %s', async (_, ended) => {
    await using world = await startSmallClinic();
    await world.clinic.person('pat', 'patient');
    world.small.claims = { sid: 'here' };
    endWithin(world, ended);
    const { browser, location } = await world.signIn();
    expect(location).toBe('/');
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  it('stops a sign-in that was begun before and comes back later, and one that was begun at the same instant', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    const browser = new Browser(clinic.origin);
    // As far as the issuer has sent the browser back.
    const { answer } = await browser.follow('/auth/login?issuer=small', (at) => at.includes(world.callbackPath));
    const back = answer.headers.get('location') ?? '';
    expect((await send(clinic.origin, await small.logoutToken({ sub: 'pat' }))).status).toBe(200);
    clinic.clock.now += 9 * MINUTE_MS;
    expect((await send(clinic.origin, await small.logoutToken({ sub: 'doc' }))).status).toBe(200);
    const finished = await browser.get(back);
    expect(finished.headers.get('location')).toBe('/?sign-in=sign_in_failed');
  });

  it('waits for the session that is being made, and ends it', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    const { id } = await clinic.person('pat', 'patient');
    const letGo = await holdPerson(clinic, id);
    const signingIn = world.signIn();
    await untilWaiting(clinic, 1);
    const ending = send(clinic.origin, await small.logoutToken({ sub: 'pat' }));
    await untilWaiting(clinic, 2);
    await letGo();
    expect((await ending).status).toBe(200);
    const { browser, location } = await signingIn;
    expect(location).toBe('/');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    const [open, end] = (await clinic.audit()).slice(-2);
    expect([open, end]).toMatchObject([
      { action: 'session.open', outcome: 'success' },
      { action: 'session.end', reason: 'by-the-issuer' },
    ]);
  });

  it('is waited for by a sign-in that comes while it is being written', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    const { id } = await clinic.person('pat', 'patient');
    await world.signIn();
    const letGo = await holdSessions(clinic, id);
    const ending = send(clinic.origin, await small.logoutToken({ sub: 'pat' }));
    await untilWaiting(clinic, 1);
    const signingIn = world.signIn();
    await untilWaiting(clinic, 2);
    await letGo();
    expect((await ending).status).toBe(200);
    expect((await signingIn).location).toBe('/?sign-in=sign_in_failed');
  });

  it('ends a session whose step-up gives it another cookie at the same moment', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    const { id } = await clinic.person('pat', 'patient');
    const { browser } = await world.signIn();
    // The step-up is first in the line; the logout finds the session under its old cookie.
    const letGo = await holdSessions(clinic, id);
    const steppingUp = world.signIn(browser, '&step_up=true');
    await untilWaiting(clinic, 1);
    const ending = send(clinic.origin, await small.logoutToken({ sub: 'pat' }));
    await untilWaiting(clinic, 2);
    await letGo();
    expect((await ending).status).toBe(200);
    expect((await steppingUp).location).toBe('/');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});
