import { randomUUID } from 'node:crypto';
import { PersonId } from '@bedside/protocol';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../src/secrets.ts';
import { Browser } from './support/browser.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { newPair, type SigningPair, sign, signSymmetric, unsigned } from './support/small-issuer.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('machines', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let pair: SigningPair;
  let clientId: string;
  beforeAll(async () => {
    clinic = await startClinic();
    admin = await clinic.person('boss', 'admin');
    pair = await newPair('EdDSA');
    clientId = (await register(pair)).id;
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const publicKeyOf = ({ publicJwk }: SigningPair) => {
    const { kty, crv, x, y } = publicJwk;
    return { kty, crv, x, ...(y === undefined ? {} : { y }) };
  };
  const register = async (of: SigningPair, actions = ['slots.read', 'directory.read']) => {
    clinic.clock.now = Math.max(clinic.clock.now, START);
    const fresh = await clinic.signIn(admin.id);
    const answer = await fresh.browser.post('/api/v1/machines', { label: 'EHR', publicKey: publicKeyOf(of), actions });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body as { id: string };
  };
  const assertion = (change: Record<string, unknown> = {}): JWTPayload => {
    const now = Math.floor(clinic.clock.now / 1000);
    return {
      iss: clientId,
      sub: clientId,
      aud: `${clinic.origin}/auth/token`,
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
      ...change,
    };
  };
  const ask = (token: string, change: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    new Browser(clinic.origin).send('POST', '/auth/token', {
      raw: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: token,
        ...change,
      }).toString(),
      headers: { ...FORM, ...headers },
    });
  const tokenOf = async (change: Record<string, string> = {}, by = pair, claims = assertion()) => {
    const answer = await ask(await sign(claims, by), change);
    expect(answer.status).toBe(200);
    return (answer.body as { access_token: string }).access_token;
  };
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const anybody = () => new Browser(clinic.origin);

  it('get a token for their key, kept here as a hash, and do what they were given and nothing else', async () => {
    const answer = await ask(await sign(assertion(), pair));
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'directory.read slots.read',
    });
    const { access_token: token } = answer.body as { access_token: string };
    const rows = await clinic.database.db.selectFrom('serviceTokens').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await anybody().get('/api/v1/visit-types', as(token))).toMatchObject({ status: 200 });
    for (const path of ['/api/v1/audit/events', '/api/v1/me', '/api/v1/me/sessions', '/api/v1/machines', '/api/v1/day'])
      expect(await anybody().get(path, as(token)), path).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await clinic.audit()).at(-1)).toMatchObject({
      personId: clientId,
      role: 'service',
      outcome: 'denied',
      reason: 'not-given-to-the-machine',
    });
  });

  it('may ask for less, and not for more', async () => {
    const token = await tokenOf({ scope: 'slots.read' });
    expect(await anybody().get('/api/v1/visit-types', as(token))).toMatchObject({ status: 403 });
    for (const scope of ['audit.read', 'slots.read rules.write', ''])
      expect(await ask(await sign(assertion(), pair), { scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
  });

  it('cannot be given what is for people', async () => {
    for (const actions of [['rules.write'], ['machines.manage'], ['constructor'], ['slots.read', 'nothing']])
      expect(
        await admin.browser.post('/api/v1/machines', { label: 'x', publicKey: publicKeyOf(pair), actions }),
      ).toMatchObject({ status: 400, code: 'bad_request' });
    expect(
      await admin.browser.post('/api/v1/machines', {
        label: 'x',
        publicKey: { ...publicKeyOf(pair), d: 'AAAA' },
        actions: ['slots.read'],
      }),
    ).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('hold ES256 keys, too', async () => {
    const other = await newPair('ES256');
    const { id } = await register(other);
    await tokenOf({}, other, assertion({ iss: id, sub: id }));
  });

  it('are refused with an assertion that is not theirs, not for us, not now, or not the first', async () => {
    const now = Math.floor(clinic.clock.now / 1000);
    const stranger = await newPair('EdDSA');
    const strange = await newPair('ES256');
    const used = await sign(assertion(), pair);
    await ask(used);
    const hmacKey = new TextEncoder().encode((pair.publicJwk.x ?? '').padEnd(32, '\0'));
    const refused: Record<string, string> = {
      replayed: used,
      'of another key': await sign(assertion(), stranger),
      'of another key under its name': await sign(assertion(), { ...stranger, kid: pair.kid }),
      'with the key in its head': await sign(assertion(), stranger, { jwk: stranger.publicJwk }),
      'of another kind of key': await sign(assertion(), strange),
      'without a signature': unsigned(assertion()),
      'with the public key as a secret': await signSymmetric(assertion(), hmacKey, pair.kid),
      'of another issuer': await sign(assertion({ iss: randomUUID() }), pair),
      'about somebody unknown': await sign(assertion({ iss: randomUUID(), sub: randomUUID() }), pair),
      'about a person': await sign(assertion({ iss: admin.id, sub: admin.id }), pair),
      'about nobody': await sign(assertion({ sub: undefined }), pair),
      'for another server': await sign(assertion({ aud: 'https://other.example/auth/token' }), pair),
      'for several servers': await sign(
        assertion({ aud: [`${clinic.origin}/auth/token`, 'https://other.example'] }),
        pair,
      ),
      expired: await sign(assertion({ iat: now - 200, exp: now - 100 }), pair),
      'without an end': await sign(assertion({ exp: undefined }), pair),
      'an hour old': await sign(assertion({ iat: now - 3_600, exp: now + 60 }), pair),
      'of the future': await sign(assertion({ iat: now + 3_600, exp: now + 7_200 }), pair),
      'not yet good': await sign(assertion({ nbf: now + 600 }), pair),
      'without an id': await sign(assertion({ jti: undefined }), pair),
      'of nonsense': 'a.b.c',
    };
    for (const [name, token] of Object.entries(refused))
      expect(await ask(token), name).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'token.issue', outcome: 'denied' });
    expect(await ask(await sign(assertion(), pair), { client_id: randomUUID() })).toMatchObject({ status: 401 });
  });

  it('are told in OAuth’s words what is wrong with a request', async () => {
    const token = await sign(assertion(), pair);
    expect(await ask(token, { grant_type: 'password' })).toMatchObject({ body: { error: 'unsupported_grant_type' } });
    expect(await ask(token, { client_assertion_type: 'x' })).toMatchObject({ body: { error: 'invalid_request' } });
    const json = await anybody().send('POST', '/auth/token', {
      body: {},
      headers: { 'content-type': 'application/json' },
    });
    expect(json).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const twice = await anybody().send('POST', '/auth/token', {
      raw: `grant_type=client_credentials&grant_type=client_credentials&client_assertion=${token}`,
      headers: FORM,
    });
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('are judged by the token alone: no cookie makes up for a bad one, none is taken as one', async () => {
    const token = await tokenOf();
    const bad = { authorization: `Bearer ${'x'.repeat(43)}` };
    expect(await admin.browser.get('/api/v1/me', { headers: bad })).toMatchObject({ status: 401 });
    expect(await admin.browser.get('/api/v1/me', { headers: { authorization: 'Basic abc' } })).toMatchObject({
      status: 401,
    });
    expect(await admin.browser.get('/api/v1/me', { headers: { authorization: '' } })).toMatchObject({ status: 401 });
    // A write with a made-up token gets past the cross-site check, and then is nobody’s.
    expect(
      await admin.browser.send('POST', '/auth/logout', {
        body: {},
        headers: { ...bad, 'content-type': 'application/json', origin: 'https://evil.example' },
      }),
    ).toMatchObject({ status: 401, code: 'sign_in_required' });
    expect((await admin.browser.get('/api/v1/me')).status).toBe(200);
    expect(await new Browser(clinic.origin, { bedside_session: token }).get('/api/v1/visit-types')).toMatchObject({
      status: 401,
    });
    expect(await anybody().get('/api/v1/visit-types', as(admin.cookie))).toMatchObject({ status: 401 });
  });

  it('lose a token after ten minutes', async () => {
    const token = await tokenOf();
    clinic.clock.now += 10 * MINUTE_MS - 1;
    expect((await anybody().get('/api/v1/visit-types', as(token))).status).toBe(200);
    clinic.clock.now += 1;
    expect((await anybody().get('/api/v1/visit-types', as(token))).status).toBe(401);
  });

  it('are shut out at once, with every token they have', async () => {
    const gone = await newPair('EdDSA');
    const { id } = await register(gone);
    const token = await tokenOf({}, gone, assertion({ iss: id, sub: id }));
    expect((await anybody().get('/api/v1/visit-types', as(token))).status).toBe(200);
    const { browser } = await clinic.signIn(admin.id);
    expect((await browser.write('DELETE', `/api/v1/machines/${id}`)).status).toBe(200);
    expect((await anybody().get('/api/v1/visit-types', as(token))).status).toBe(401);
    expect(await ask(await sign(assertion({ iss: id, sub: id }), gone))).toMatchObject({ status: 401 });
    // One that was being issued at that moment is worth nothing either.
    const late = 'L'.repeat(43);
    await clinic.database.db
      .insertInto('serviceTokens')
      .values({
        idHash: sha256(late),
        organizationId: clinic.organizationId,
        personId: PersonId.parse(id),
        actions: ['directory.read'],
        issuedAt: new Date(clinic.clock.now),
        expiresAt: new Date(clinic.clock.now + MINUTE_MS),
      })
      .execute();
    expect((await anybody().get('/api/v1/visit-types', as(late))).status).toBe(401);
    const { machines } = (await browser.get('/api/v1/machines')).body as {
      machines: { id: string; revokedAt?: string }[];
    };
    expect(machines.find((one) => one.id === id)?.revokedAt).toBeDefined();
  });

  it('are let in once, however often the same request comes', async () => {
    const { browser } = await clinic.signIn(admin.id);
    const request = { label: 'Twice', publicKey: publicKeyOf(await newPair('ES256')), actions: ['slots.read'] };
    const key = { 'idempotency-key': 'machine-twice-1' };
    const [first, second] = [
      await browser.post('/api/v1/machines', request, key),
      await browser.post('/api/v1/machines', request, key),
    ];
    expect(first.status).toBe(201);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(await browser.post('/api/v1/machines', { ...request, label: 'Other' }, key)).toMatchObject({
      code: 'idempotency_conflict',
    });
    const { machines } = (await browser.get('/api/v1/machines')).body as { machines: { label: string }[] };
    expect(machines.filter(({ label }) => label === 'Twice')).toHaveLength(1);
  });

  it('are no business of other organizations’ admins', async () => {
    const elsewhere = await clinic.core.provisioning.upsertOrganization({
      key: 'elsewhere',
      name: 'Elsewhere',
      timeZone: 'Europe/Berlin',
    });
    const id = await clinic.core.provisioning.upsertPerson({
      key: 'other-boss',
      organizationId: elsewhere,
      displayName: 'Other',
      timeZone: 'Europe/Berlin',
      roles: ['admin'],
      identities: [],
    });
    const cookie = 'o'.repeat(43);
    const now = new Date(clinic.clock.now);
    await clinic.database.db
      .insertInto('sessions')
      .values({
        idHash: sha256(cookie),
        organizationId: elsewhere,
        personId: id,
        createdAt: now,
        seenAt: now,
        authenticatedAt: now,
        expiresAt: new Date(clinic.clock.now + MINUTE_MS),
      })
      .execute();
    const other = new Browser(clinic.origin, { bedside_session: cookie });
    expect((await other.get('/api/v1/machines')).body).toEqual({ machines: [] });
    expect(await other.write('DELETE', `/api/v1/machines/${clientId}`)).toMatchObject({ status: 404 });
    await tokenOf();
  });
});
