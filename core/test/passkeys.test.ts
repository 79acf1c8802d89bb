import { describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { MINUTE_MS } from './support/clinic.ts';
import { SoftAuthenticator } from './support/soft-authenticator.ts';
import { type SmallClinic, startSmallClinic } from './support/two-issuers.ts';

const machine = {
  label: 'Reporting',
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  actions: ['slots.read'],
};
const sensitive = (browser: Browser) => browser.post('/api/v1/machines', machine);
const REGISTRATION = '/api/v1/me/passkeys/registration/options';
const ASSERTION = '/api/v1/me/passkeys/assertion/options';

interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id: string };
  readonly excludeCredentials?: readonly { readonly id: string }[];
  readonly allowCredentials?: readonly { readonly id: string }[];
}
const optionsOf = async (browser: Browser, path: string): Promise<Options> => {
  const answer = await browser.post(path);
  expect(answer).toMatchObject({ status: 200, body: { challenge: expect.any(String) } });
  return answer.body as Options;
};
const register = async (browser: Browser, device: SoftAuthenticator) =>
  browser.post('/api/v1/me/passkeys', {
    name: 'Key',
    response: device.create(await optionsOf(browser, REGISTRATION)),
  });
const prove = (browser: Browser, response: unknown) => browser.post('/api/v1/me/passkeys/assertion', response);

/** A clinic whose issuer has no second factor, and its admin, freshly signed in. */
const start = async (): Promise<{ world: SmallClinic; browser: Browser; device: SoftAuthenticator }> => {
  const world = await startSmallClinic({ entry: { stepUp: { by: 'passkey' } } });
  await world.clinic.person('boss', 'admin');
  world.small.subject = 'boss';
  return { world, browser: (await world.signIn()).browser, device: new SoftAuthenticator(world.clinic.origin) };
};

describe('passkeys', () => {
  it('are the second factor where the issuer has none', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    expect(await sensitive(browser)).toMatchObject({
      code: 'step_up_required',
      body: { stepUp: { signIn: '/auth/login?step_up=true', registerPasskey: REGISTRATION } },
    });
    expect((await register(browser, device)).status).toBe(201);
    const wanted = await sensitive(browser);
    expect(wanted.body).toMatchObject({ stepUp: { passkey: ASSERTION } });
    expect(wanted.body).not.toMatchObject({ stepUp: { signIn: expect.anything() } });

    const before = browser.cookie('bedside_session') ?? '';
    const options = await optionsOf(browser, ASSERTION);
    expect(options).toMatchObject({ rpId: '127.0.0.1', userVerification: 'required' });
    expect((await prove(browser, device.get(options))).status).toBe(200);
    expect(browser.cookie('bedside_session')).not.toBe(before);
    expect((await new Browser(world.clinic.origin, { bedside_session: before }).get('/api/v1/me')).status).toBe(401);
    expect((await sensitive(browser)).status).toBe(201);
    world.clinic.clock.now += 10 * MINUTE_MS;
    expect(await sensitive(browser)).toMatchObject({ code: 'step_up_required' });
  });

  it('are registered by whoever has just signed in, or proves an earlier one', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    const stolen = new Browser(world.clinic.origin, { bedside_session: browser.cookie('bedside_session') ?? '' });
    world.clinic.clock.now += 10 * MINUTE_MS;
    expect(await stolen.post(REGISTRATION)).toMatchObject({ status: 403, code: 'step_up_required' });
    const { browser: fresh } = await world.signIn();
    expect((await register(fresh, device)).status).toBe(201);
    // The issuer's word alone adds no further one.
    expect(await fresh.post(REGISTRATION)).toMatchObject({ code: 'step_up_required' });
    await prove(fresh, device.get(await optionsOf(fresh, ASSERTION)));
    const second = new SoftAuthenticator(world.clinic.origin);
    const options = await optionsOf(fresh, REGISTRATION);
    expect(options.excludeCredentials).toEqual([expect.objectContaining({ id: device.id.toString('base64url') })]);
    expect((await fresh.post('/api/v1/me/passkeys', { name: 'Two', response: second.create(options) })).status).toBe(
      201,
    );
    expect((await fresh.get('/api/v1/me/passkeys')).body).toMatchObject({
      passkeys: [
        { name: 'Key', usedAt: expect.any(String), cloned: false },
        { name: 'Two', cloned: false },
      ],
    });
  });

  it('are refused for another site, without their user, for another challenge, or twice', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    for (const bend of [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { isUserVerified: false },
      { challenge: 'A'.repeat(43) },
      { type: 'webauthn.get' },
    ]) {
      const response = device.create(await optionsOf(browser, REGISTRATION), bend);
      expect(await browser.post('/api/v1/me/passkeys', { name: 'x', response }), JSON.stringify(bend)).toMatchObject({
        status: 403,
        code: 'step_up_failed',
      });
    }
    const creation = await optionsOf(browser, REGISTRATION);
    const created = { name: 'Key', response: device.create(creation) };
    expect((await browser.post('/api/v1/me/passkeys', created)).status).toBe(201);

    for (const bend of [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { isUserVerified: false },
      { challenge: 'A'.repeat(43) },
      { type: 'webauthn.create' },
    ]) {
      const response = device.get(await optionsOf(browser, ASSERTION), bend);
      expect(await prove(browser, response), JSON.stringify(bend)).toMatchObject({ code: 'step_up_failed' });
    }
    const used = device.get(await optionsOf(browser, ASSERTION));
    expect((await prove(browser, used)).status).toBe(200);
    expect(await prove(browser, used)).toMatchObject({ code: 'step_up_failed' });
    // A challenge is of its session, its ceremony and its five minutes.
    const mine = device.get(await optionsOf(browser, ASSERTION));
    const { browser: other } = await world.signIn();
    expect(await prove(other, mine)).toMatchObject({ code: 'step_up_failed' });
    const mixed = device.get(await optionsOf(browser, REGISTRATION));
    expect(await prove(browser, mixed)).toMatchObject({ code: 'step_up_failed' });
    const late = device.get(await optionsOf(browser, ASSERTION));
    world.clinic.clock.now += 5 * MINUTE_MS;
    expect(await prove(browser, late)).toMatchObject({ code: 'step_up_failed' });
  });

  it('are of their person', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    await register(browser, device);
    await world.clinic.person('rival', 'admin');
    world.small.subject = 'rival';
    const { browser: rival } = await world.signIn();
    expect(await rival.post(ASSERTION)).toMatchObject({ status: 404 });
    const own = new SoftAuthenticator(world.clinic.origin);
    await register(rival, own);
    const response = device.get(await optionsOf(rival, ASSERTION));
    expect(await prove(rival, response)).toMatchObject({ code: 'step_up_failed' });
    await prove(rival, own.get(await optionsOf(rival, ASSERTION)));
    const { passkeys } = (await browser.get('/api/v1/me/passkeys')).body as { passkeys: { id: string }[] };
    expect(await rival.write('DELETE', `/api/v1/me/passkeys/${passkeys[0]?.id}`)).toMatchObject({ status: 404 });
    // Nor can a key that somebody has be registered by another.
    const again = await rival.post('/api/v1/me/passkeys', {
      name: 'x',
      response: device.create(await optionsOf(rival, REGISTRATION)),
    });
    expect(again).toMatchObject({ code: 'step_up_failed' });
  });

  it('that were copied are taken no more', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    await register(browser, device);
    await prove(browser, device.get(await optionsOf(browser, ASSERTION)));
    device.count = 0;
    const clone = device.get(await optionsOf(browser, ASSERTION));
    expect(await prove(browser, clone)).toMatchObject({ status: 403, code: 'step_up_failed' });
    expect((await world.clinic.audit()).at(-1)).toMatchObject({ outcome: 'denied', reason: 'passkey-cloned' });
    expect((await browser.get('/api/v1/me/passkeys')).body).toMatchObject({ passkeys: [{ cloned: true }] });
    expect(await browser.post(ASSERTION)).toMatchObject({ status: 404 });
  });

  it('need not count', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    device.count = 0;
    await register(browser, device);
    for (let times = 0; times < 2; times++)
      expect((await prove(browser, device.get(await optionsOf(browser, ASSERTION)))).status).toBe(200);
  });

  it('are removed with a fresh proof', async () => {
    const { world, browser, device } = await start();
    await using _ = world;
    await register(browser, device);
    const { passkeys } = (await browser.get('/api/v1/me/passkeys')).body as { passkeys: { id: string }[] };
    const path = `/api/v1/me/passkeys/${passkeys[0]?.id}`;
    expect(await browser.write('DELETE', path)).toMatchObject({ code: 'step_up_required' });
    await prove(browser, device.get(await optionsOf(browser, ASSERTION)));
    expect((await browser.write('DELETE', path)).status).toBe(200);
    expect((await browser.get('/api/v1/me/passkeys')).body).toEqual({ passkeys: [] });
  });
});
