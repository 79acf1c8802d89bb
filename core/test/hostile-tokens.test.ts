import { createPublicKey } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { newPair, SmallIssuer, sign, signSymmetric, unsigned } from './support/small-issuer.ts';
import { type SmallClinic, smallEntry, startSmallClinic } from './support/two-issuers.ts';

const FAILED = '/?sign-in=sign_in_failed';
const HOUR_S = 3_600;

describe('ID tokens that are refused', () => {
  let world: SmallClinic;
  let small: SmallIssuer;
  beforeAll(async () => {
    // It offers what must not be taken, too: what an issuer lists is no reason to believe in it.
    world = await startSmallClinic({ offers: ['ES256', 'HS256', 'none'] });
    small = world.small;
    await world.clinic.person('pat', 'patient');
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => {
    small.edit = (claims) => claims;
    small.forge = undefined;
    small.responseIssuer = small.url;
  });

  const refused = async () => {
    const { browser, location } = await world.signIn();
    expect(location).toBe(FAILED);
    expect(browser.cookie('bedside_session')).toBeUndefined();
  };

  it('are no good ones: those let in', async () => {
    const { browser, location } = await world.signIn();
    expect(location).toBe('/');
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  const edits: [string, (claims: JWTPayload) => JWTPayload][] = [
    ['of another issuer', (claims) => ({ ...claims, iss: 'https://evil.example' })],
    ['of an issuer whose name begins alike', (claims) => ({ ...claims, iss: `${claims.iss}/` })],
    ['for another client', (claims) => ({ ...claims, aud: 'another' })],
    ['for several clients without naming one', (claims) => ({ ...claims, aud: ['bedside-small', 'another'] })],
    [
      'for several clients, made for another',
      (claims) => ({ ...claims, aud: ['bedside-small', 'another'], azp: 'another' }),
    ],
    ['with the nonce of another sign-in', (claims) => ({ ...claims, nonce: 'another' })],
    ['without a nonce', ({ nonce: _, ...claims }) => claims],
    ['without a subject', ({ sub: _, ...claims }) => claims],
    ['that has expired', (claims) => ({ ...claims, exp: (claims.iat ?? 0) - HOUR_S })],
    ['that never expires', ({ exp: _, ...claims }) => claims],
    ['that begins in an hour', (claims) => ({ ...claims, nbf: (claims.iat ?? 0) + HOUR_S })],
    [
      'made in an hour',
      (claims) => ({ ...claims, iat: (claims.iat ?? 0) + HOUR_S, exp: (claims.iat ?? 0) + 2 * HOUR_S }),
    ],
    ['made an hour ago', (claims) => ({ ...claims, iat: (claims.iat ?? 0) - HOUR_S })],
    ['made nobody knows when', ({ iat: _, ...claims }) => claims],
    [
      'of somebody who was asked who they are days ago',
      (claims) => ({ ...claims, auth_time: (claims.iat ?? 0) - 48 * HOUR_S }),
    ],
  ];
  it.each(edits)('%s', async (_, edit) => {
    small.edit = edit;
    await refused();
  });

  it('without a signature', async () => {
    small.forge = (claims) => unsigned(claims);
    await refused();
    small.forge = (claims) => unsigned(claims, { alg: 'nOnE' });
    await refused();
    small.forge = async (claims) => (await sign(claims, small.key)).replace(/[^.]*$/, '');
    await refused();
  });

  it('signed with the public key as if it were a secret, and with the client’s secret', async () => {
    const { publicJwk, kid } = small.key;
    const pem = createPublicKey({ key: publicJwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem.toString(), JSON.stringify(publicJwk), publicJwk.x ?? '', small.clientSecret]) {
      small.forge = (claims) => signSymmetric(claims, new TextEncoder().encode(secret.padEnd(32, '\0')), kid);
      await refused();
    }
  });

  it('signed by somebody else under the issuer’s key id, or with a key that the token brings along', async () => {
    const other = await newPair('ES256');
    small.forge = (claims) => sign(claims, { ...other, kid: small.key.kid });
    await refused();
    small.forge = (claims) => sign(claims, other, { jwk: other.publicJwk });
    await refused();
    small.forge = (claims) => sign(claims, other, { jku: `${small.url}/keys`, x5u: small.url });
    await refused();
  });

  it('signed in a way that the issuer does not offer, though its key set has the key', async () => {
    const other = await newPair('EdDSA');
    small.keys = [small.key, other];
    world.clinic.clock.now += 60_000;
    small.forge = (claims) => sign(claims, other);
    await refused();
    small.keys = [small.key];
  });

  it('whose words were changed after signing', async () => {
    small.forge = async (claims) => {
      const [header, , signature] = (await sign(claims, small.key)).split('.');
      const body = Buffer.from(JSON.stringify({ ...claims, sub: 'doc' })).toString('base64url');
      return `${header}.${body}.${signature}`;
    };
    await refused();
  });

  it('that are logout tokens', async () => {
    small.forge = (claims) => small.logoutToken({ sub: 'pat', exp: claims.exp ?? 0 });
    await refused();
  });
});

describe('an issuer’s keys', () => {
  it.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('may be %s', async (algorithm) => {
    await using world = await startSmallClinic({ algorithm });
    await world.clinic.person('pat', 'patient');
    expect((await world.signIn()).location).toBe('/');
  });

  it('may change: a sign-in with a new one is taken at once, with the old one no more', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    expect((await world.signIn()).location).toBe('/');
    const old = small.key;
    small.keys = [await newPair('ES256')];
    clinic.clock.now += 31_000;
    expect((await world.signIn()).location).toBe('/');
    small.forge = (claims) => sign(claims, old);
    clinic.clock.now += 31_000;
    expect((await world.signIn()).location).toBe(FAILED);
  });

  it('are forgotten after ten minutes, so that one taken back is believed no longer', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    await world.signIn();
    const leaked = small.key;
    small.forge = (claims) => sign(claims, leaked);
    small.keys = [await newPair('ES256')];
    clinic.clock.now += 10 * 60_000;
    expect((await world.signIn()).location).toBe(FAILED);
  });

  it('are asked for twice a minute at the most, whatever storm of unknown ones comes', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await world.signIn();
    small.keyRequests = 0;
    const stranger = await newPair('ES256');
    const browser = new Browser(clinic.origin);
    const storm = async () => {
      const token = await small.logoutToken({ sub: 'pat' }, { ...stranger, kid: crypto.randomUUID() });
      const answer = await browser.send('POST', '/auth/backchannel-logout/small', {
        raw: new URLSearchParams({ logout_token: token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(answer.status).toBe(400);
    };
    for (let second = 0; second < 60; second++) {
      await Promise.all([storm(), storm()]);
      clinic.clock.now += 1_000;
    }
    expect(small.keyRequests).toBeGreaterThan(0);
    expect(small.keyRequests).toBeLessThanOrEqual(2);
  });
});

describe('answers of the wrong issuer (mix-up)', () => {
  it('are refused when they name another, or none though this one always does', async () => {
    await using world = await startSmallClinic();
    const { clinic, small } = world;
    await clinic.person('pat', 'patient');
    for (const responseIssuer of ['https://evil.example', undefined]) {
      small.responseIssuer = responseIssuer;
      expect((await world.signIn()).location).toBe(FAILED);
    }
  });

  it('are refused at the address of an issuer other than the one the sign-in began at', async () => {
    await using other = await SmallIssuer.start({ clock: () => world.clinic.clock.now });
    const world: SmallClinic = await startSmallClinic({ others: async () => [smallEntry(other, { id: 'other' })] });
    await using _ = world;
    const { clinic, callbackPath } = world;
    await clinic.person('pat', 'patient');
    const browser = new Browser(clinic.origin);
    const atCallback = (location: string) => location.startsWith(`${clinic.origin}${callbackPath}`);
    const { answer } = await browser.follow('/auth/login?issuer=small', atCallback);
    const honest = new URL(answer.headers.get('location') ?? '');
    const bent = honest.href.replace(callbackPath, '/auth/callback/other');
    expect((await browser.get(bent)).headers.get('location')).toBe(FAILED);
    // The code never went to the other issuer, and its own sign-in still works.
    expect(other.asked.size).toBe(0);
    expect((await browser.get(honest.href)).headers.get('location')).toBe('/');
    const unknown = honest.href.replace(callbackPath, '/auth/callback/nobody');
    expect((await browser.get(unknown)).headers.get('location')).toBe(FAILED);
  });
});

describe('sign-in that somebody else begins or ends', () => {
  it('is refused where a page has it in a frame or a picture', async () => {
    await using world = await startSmallClinic();
    const browser = new Browser(world.clinic.origin);
    for (const destination of ['iframe', 'image', 'empty', 'script'])
      for (const path of ['/auth/login?issuer=small', `${world.callbackPath}?code=1&state=2`])
        expect(
          await browser.get(path, { headers: { 'sec-fetch-dest': destination, 'sec-fetch-site': 'cross-site' } }),
        ).toMatchObject({ status: 403, code: 'cross_site' });
    expect(await browser.get('/auth/login?issuer=small', { headers: { 'sec-fetch-dest': 'document' } })).toMatchObject({
      status: 303,
    });
  });

  it('does not put a victim into the attacker’s account (login CSRF)', async () => {
    await using world = await startSmallClinic();
    const { clinic, small, callbackPath } = world;
    await clinic.person('mallory', 'patient');
    small.subject = 'mallory';
    const mallory = new Browser(clinic.origin);
    const { answer } = await mallory.follow('/auth/login?issuer=small', (location) => location.includes(callbackPath));
    const link = answer.headers.get('location') ?? '';
    const victim = new Browser(clinic.origin);
    // The victim has a sign-in of their own under way, so they do have a browser cookie.
    await victim.follow('/auth/login?issuer=small', (location) => location.includes(callbackPath));
    expect((await victim.get(link)).headers.get('location')).toBe(FAILED);
    expect(victim.cookie('bedside_session')).toBeUndefined();
  });
});
