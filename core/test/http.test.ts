import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../src/index.ts';
import { Browser } from './support/browser.ts';
import { type Clinic, type Somebody, startClinic } from './support/clinic.ts';

describe('HTTP edge', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let provider: Somebody;
  const nobody = () => new Browser(clinic.origin);
  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    provider = await clinic.person('doc', 'provider');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('API1 API3 answers an unknown path with a problem document that nobody stores', async () => {
    const answer = await patient.browser.get('/api/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      type: 'urn:bedside:problem:not_found',
      status: 404,
      code: 'not_found',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it('API1 names the methods of a path that takes others', async () => {
    const answer = await patient.browser.write('PATCH', `/api/v1/providers/${patient.id}/availability`);
    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('GET, PUT');
  });

  it('API1 refuses what is no JSON, what is too large, and what poisons prototypes', async () => {
    const headers = { origin: clinic.origin, 'content-type': 'application/json' };
    const send = (raw: string) => patient.browser.send('POST', '/api/v1/appointments', { raw, headers });
    expect(await send('{')).toMatchObject({ status: 400, code: 'bad_request' });
    expect(await send('{"__proto__":{"a":1}}')).toMatchObject({ status: 400, code: 'bad_request' });
    expect(await send(`"${'x'.repeat(65_536)}"`)).toMatchObject({ status: 413, code: 'payload_too_large' });
  });

  it('API8 refuses what nests too deep, and what is asked for at too great length', async () => {
    const headers = { origin: clinic.origin, 'content-type': 'application/json' };
    const deep = { raw: `${'['.repeat(17)}${']'.repeat(17)}`, headers };
    expect(await patient.browser.send('POST', '/api/v1/holds', deep)).toMatchObject({
      status: 400,
      body: { code: 'bad_request', detail: 'body: nests deeper than 16.' },
    });
    const long = await patient.browser.get(`/api/v1/slots?from=${'9'.repeat(6_200)}`);
    expect(long).toMatchObject({ status: 414, code: 'uri_too_long' });
    expect(long.headers.get('cache-control')).toBe('no-store');
  });

  it('API3 puts what keeps an answer from being kept, framed or guessed at on every one', async () => {
    for (const path of [
      '/api/v1/me',
      '/api/v1/openapi.json',
      '/.well-known/jwks.json',
      '/api/v1/nothing',
      '/auth/callback',
    ]) {
      const { headers } = await patient.browser.get(path);
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });

  it('API1 names the fields that are wrong and never their values', async () => {
    const answer = await patient.browser.post('/api/v1/appointments', {
      providerId: 'Jane Doe',
      startsAt: 'secret',
      visitTypeId: provider.id,
      'Jane Doe': 1,
    });
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    const { errors } = answer.body as { errors: { field: string; message: string }[] };
    expect(errors.map((error) => error.field)).toEqual(['providerId', 'startsAt', '']);
    expect(answer.text).not.toMatch(/Jane|secret/);
    expect(await patient.browser.get('/api/v1/encounters/1')).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('API2 refuses writes of other sites, though the cookie came with them', async () => {
    const path = '/api/v1/appointments';
    const json = { 'content-type': 'application/json' };
    expect(await patient.browser.send('POST', path, { body: {}, headers: json })).toMatchObject({ code: 'cross_site' });
    expect(
      await patient.browser.send('POST', path, { body: {}, headers: { ...json, origin: 'https://evil.example' } }),
    ).toMatchObject({ status: 403, code: 'cross_site' });
    expect(
      await patient.browser.send('POST', path, {
        raw: 'a=b',
        headers: { origin: clinic.origin, 'content-type': 'text/plain' },
      }),
    ).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(await patient.browser.send('POST', '/auth/logout', { body: {}, headers: json })).toMatchObject({
      code: 'cross_site',
    });
  });

  it('asks everybody to sign in, whatever the path', async () => {
    for (const path of ['/api/v1/me', '/api/v1/day', '/api/v1/day/events', `/api/v1/encounters/${patient.id}`]) {
      expect(await nobody().get(path)).toMatchObject({ status: 401, code: 'sign_in_required' });
    }
    expect(await new Browser(clinic.origin, { bedside_session: 'x'.repeat(43) }).get('/api/v1/me')).toMatchObject({
      code: 'sign_in_required',
    });
  });

  it('refuses what an account’s role does not include, and writes it down', async () => {
    expect(await patient.browser.get('/api/v1/day')).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await provider.browser.post('/api/v1/appointments', {})).toMatchObject({ status: 403, code: 'forbidden' });
    const denials = (await clinic.audit()).filter((row) => row.outcome === 'denied');
    expect(denials).toEqual([
      expect.objectContaining({ action: 'day.read', personId: patient.id, reason: 'account-role' }),
      expect.objectContaining({ action: 'appointment.book', personId: provider.id, reason: 'account-role' }),
    ]);
  });

  it('tells who is signed in', async () => {
    expect((await patient.browser.get('/api/v1/me')).body).toEqual({
      person: { id: patient.id, displayName: 'Name of pat' },
      roles: ['patient'],
      timeZone: 'Europe/Berlin',
      organization: { id: clinic.organizationId, name: 'Clinic', phone: '+49 30 1234', requiresRegion: false },
      demo: false,
    });
  });

  it('describes itself, problem documents included', async () => {
    const answer = await nobody().get('/api/v1/openapi.json');
    const document = answer.body as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toMatchSnapshot();
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const operation of Object.values(operations)) {
        if (path.endsWith('/events')) continue;
        expect(operation.responses['4XX'] ?? operation.responses['4xx'], path).toMatchObject({
          content: { 'application/problem+json': { schema: expect.anything() } },
        });
      }
    }
  });

  it('publishes the public half of its key and no more', async () => {
    const answer = await nobody().get('/.well-known/jwks.json');
    expect(answer.body).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: expect.any(String), kid: expect.any(String) }],
    });
  });
});

describe('rate limits', () => {
  it('hold for a person, and say when to come back', async () => {
    await using clinic = await startClinic(async () => ({
      rateLimits: { ...DEFAULT_RATE_LIMITS, address: 100, read: 3 },
    }));
    const patient = await clinic.person('pat', 'patient');
    const other = await clinic.person('sam', 'patient');
    for (let count = 0; count < 3; count++) expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
    const refused = await patient.browser.get('/api/v1/me');
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await other.browser.get('/api/v1/me')).status).toBe(200);
    clinic.clock.now += 60_000;
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
  });

  it('hold for sign-ins: refused ones of an address, and all together', async () => {
    await using clinic = await startClinic(async () => ({
      rateLimits: { ...DEFAULT_RATE_LIMITS, signInFailures: 2, signInAll: 6 },
    }));
    const stranger = new Browser(clinic.origin);
    const tryIt = () => stranger.get('/auth/callback?state=made-up&code=made-up');
    for (let count = 0; count < 2; count++) expect((await tryIt()).status).toBe(303);
    const refused = await tryIt();
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(refused.headers.get('retry-after')).toBe('900');
    clinic.clock.now += 15 * 60_000;
    for (let count = 0; count < 2; count++) expect((await tryIt()).status).toBe(303);
    expect((await tryIt()).status).toBe(429);

    const patient = await clinic.person('pat', 'patient');
    // Whoever is signed in already is not kept from working by those who are not.
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
  });
});
