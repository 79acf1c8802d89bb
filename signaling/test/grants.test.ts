import { randomUUID } from 'node:crypto';
import { createLogger } from '@bedside/kit';
import { unhurriedMs } from '@bedside/kit/pace';
import { exportSPKI, generateKeyPair, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES } from './support/fake-media-node.ts';
import { Harness, newPatient, newProvider, newVisit } from './support/harness.ts';
import type { MintOptions, TestPerson, TestVisit } from './support/issuer.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a hello with this grant leads to, and everything the server said about it. */
const tryGrant = async (visit: TestVisit, who: TestPerson, grant: string) => {
  const client = await harness.connect(who);
  const outcome = await client.outcome('hello', { encounterId: visit.encounterId, grant });
  return { outcome, client };
};

const expectRefused = async (visit: TestVisit, who: TestPerson, grant: string, code: string): Promise<void> => {
  const { outcome, client } = await tryGrant(visit, who, grant);
  expect(outcome).toBe(code);
  expect(await client.closed).toEqual({ code: 4401, reason: code });
  expect(client.frames).toHaveLength(1);
  const words = client.frames.join();
  for (const secret of [visit.encounterId, visit.roomId, who.personId, grant]) expect(words).not.toContain(secret);
  expect(
    harness.core.calls.count(
      ({ method, params }) => method === 'redeemGrant' && params.encounterId === visit.encounterId,
    ),
  ).toBe(0);
};

describe('room grants', () => {
  it('GR1: one that core signed for this person, visit and browser opens a session', async () => {
    const { welcome } = await harness.enter(newVisit(), newPatient());
    expect(welcome.resumed).toBe(false);
    expect(welcome.resumeToken).toHaveLength(43);
  });

  it('GR3: not a compact JWS is grant_malformed', async () => {
    for (const grant of ['nonsense', 'a.b', 'a.b.c', `${b64({ alg: 'EdDSA' })}..`, '....', `${b64([])}.x.y`]) {
      const { outcome } = await tryGrant(newVisit(), newPatient(), grant);
      expect(['grant_malformed', 'grant_algorithm', 'grant_claims'], grant).toContain(outcome);
    }
    await expectRefused(newVisit(), newPatient(), 'a.b.c', 'grant_malformed');
  });

  it('GR3: alg none is grant_algorithm', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const claims = harness.issuer.claims(visit, patient);
    for (const alg of ['none', 'None', undefined]) {
      const header = { alg, typ: 'bedside-grant+jwt', kid: harness.issuer.kid };
      await expectRefused(visit, patient, `${b64(header)}.${b64(claims)}.`, 'grant_algorithm');
    }
  });

  it('GR3: HS256 with the public key as its secret is grant_algorithm', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const publicKey = await importJWK({ ...harness.issuer.publicJwk, ext: true }, 'EdDSA', { extractable: true });
    const secret = new TextEncoder().encode(publicKey instanceof Uint8Array ? '' : await exportSPKI(publicKey));
    const grant = await harness.issuer.mint(visit, patient, { header: { alg: 'HS256' }, key: secret });
    await expectRefused(visit, patient, grant, 'grant_algorithm');
  });

  it('GR3: signed by a key that is not in the set is grant_unknown_key, and by another key under a known name grant_signature', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { privateKey: key } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    await expectRefused(
      visit,
      patient,
      await harness.issuer.mint(visit, patient, { key, header: { kid: 'other' } }),
      'grant_unknown_key',
    );
    await expectRefused(
      visit,
      patient,
      await harness.issuer.mint(visit, patient, { key, header: { kid: undefined } }),
      'grant_unknown_key',
    );
    await expectRefused(visit, patient, await harness.issuer.mint(visit, patient, { key }), 'grant_signature');
    const good = await harness.issuer.mint(visit, patient);
    const [header, , signature] = good.split('.');
    const forged = { ...harness.issuer.claims(visit, patient), role: 'provider' };
    await expectRefused(visit, patient, `${header}.${b64(forged)}.${signature}`, 'grant_signature');
  });

  it('GR3: a key that comes with the grant itself is not believed', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { privateKey: key } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const grant = await harness.issuer.mint(visit, patient, { key, header: { jwk: harness.issuer.publicJwk } });
    await expectRefused(visit, patient, grant, 'grant_signature');
  });

  const now = Date.now();
  const findings: [string, MintOptions, string][] = [
    ['another typ', { header: { typ: 'JWT' } }, 'grant_claims'],
    ['another issuer', { claims: { iss: 'https://elsewhere.test' } }, 'grant_claims'],
    ['another audience', { claims: { aud: 'bedside-api' } }, 'grant_claims'],
    ['a claim missing', { claims: { room: undefined } }, 'grant_claims'],
    ['a role that does not exist', { claims: { role: 'root' } }, 'grant_claims'],
    ['a life of more than ten minutes', { lifeMs: 11 * MINUTE_MS }, 'grant_claims'],
    ['a begin long before its issue', { claims: { nbf: Math.floor(now / 1_000) - 3_600 } }, 'grant_claims'],
    ['an end before its begin', { lifeMs: -MINUTE_MS }, 'grant_claims'],
    ['a begin in the future', { now: now + MINUTE_MS }, 'grant_not_yet_valid'],
    ['an end in the past', { now: now - 10 * MINUTE_MS, lifeMs: 5 * MINUTE_MS }, 'grant_expired'],
    ['another encounter', { claims: { enc: randomUUID() } }, 'grant_wrong_visit'],
    ['another browser session', { claims: { sid: 'x'.repeat(43) } }, 'grant_wrong_person'],
    // The first finding of several is the answer.
    ['another issuer, and expired', { claims: { iss: 'x' }, now: now - 10 * MINUTE_MS }, 'grant_claims'],
    [
      'expired, and of another encounter',
      { claims: { enc: randomUUID() }, now: now - 10 * MINUTE_MS },
      'grant_expired',
    ],
    ['of another encounter and browser', { claims: { enc: randomUUID(), sid: 'x'.repeat(43) } }, 'grant_wrong_visit'],
  ];
  it.each(findings)('GR3 GR2: %s', async (_title, mint, code) => {
    const visit = newVisit();
    const patient = newPatient();
    await expectRefused(visit, patient, await harness.issuer.mint(visit, patient, mint), code);
  });

  it('GR3: a copied grant is worthless without the cookie of its browser', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const grant = await harness.issuer.mint(visit, patient);
    await expectRefused(visit, { ...patient, cookie: 'stolen-elsewhere' }, grant, 'grant_wrong_person');
    const bare = await harness.connect();
    expect(await bare.outcome('hello', { encounterId: visit.encounterId, grant })).toBe('grant_wrong_person');
  });

  it.each(['grant_revoked', 'grant_replayed', 'visit_over'] as const)(
    'GR3 END3: core refuses with %s',
    async (code) => {
      await using own = await Harness.start();
      own.core.refuse('redeemGrant', code);
      const patient = newPatient();
      const visit = newVisit();
      const client = await own.connect(patient);
      expect(
        await client.outcome('hello', { encounterId: visit.encounterId, grant: await own.issuer.mint(visit, patient) }),
      ).toBe(code);
      expect((await client.closed).reason).toBe(code);
    },
  );

  it('GR4: a grant opens one session, once', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const grant = await harness.issuer.mint(visit, patient);
    expect((await tryGrant(visit, patient, grant)).outcome).toBe('ok');
    expect((await tryGrant(visit, patient, grant)).outcome).toBe('grant_replayed');
  });

  it('GR4: it is renewed before it expires, and the session goes on while core does not answer', async () => {
    await using own = await Harness.start();
    const visit = newVisit();
    own.core.renewedLifeMs = 30;
    const { client } = await own.enter(visit, newPatient(), { lifeMs: 1_000 });
    const renewals = () => own.core.calls.count(({ method }) => method === 'renewGrant');
    await own.core.calls.find(({ method }) => method === 'renewGrant');
    own.core.refuse('renewGrant', 'unavailable');
    const before = renewals();
    while (renewals() < before + 3)
      await own.core.calls.find(({ method }) => method === 'renewGrant', own.core.calls.items.length);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    own.core.refuse('renewGrant', 'grant_revoked');
    expect(await client.closed).toEqual({ code: 4401, reason: 'grant_revoked' });
  });

  it('GR5: a permission that is not set is refused with not_permitted', async () => {
    const visit = newVisit();
    const guest = await harness.join(
      visit,
      newProvider({
        admit: false,
        mute: false,
        end: false,
        chat: false,
        publishAudio: false,
        publishVideo: false,
        publishScreen: false,
      }),
    );
    const personId = guest.who.personId;
    const requests = {
      admit: { personId },
      sendBack: { personId },
      mute: { personId, source: 'camera' },
      end: undefined,
      chat: { clientMessageId: randomUUID(), text: 'x' },
    };
    for (const [type, data] of Object.entries(requests))
      expect(await guest.client.outcome(type, data), type).toBe('not_permitted');
    for (const source of ['microphone', 'camera', 'screen']) {
      const produce = {
        source,
        rtpParameters: { codecs: [{ mimeType: 'audio/opus', clockRate: 48_000 }] },
        paused: false,
      };
      expect(await guest.client.outcome('media.produce', produce)).toBe('not_permitted');
    }
    expect(guest.offer.send).toBeUndefined();
    expect(guest.offer.recv).toBeDefined();
  });

  it('GR6: revoking a grant ends its session and its media within 500 ms', async () => {
    const visit = newVisit();
    const patient = await harness.patient(visit);
    const redeemed = await harness.core.calls.find(({ params }) => params.personId === patient.who.personId);
    const at = performance.now();
    harness.core.publish({
      type: 'grantRevoked',
      encounterId: visit.encounterId,
      grantId: redeemed.params.grantId as never,
    });
    expect(await patient.client.closed).toEqual({ code: 4401, reason: 'grant_revoked' });
    await harness.media.calls.find(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId);
    expect(unhurriedMs(at)).toBeLessThan(500);
    expect(harness.media.peersOf(visit.roomId)).toEqual([]);
  });

  it('GR6: core says of any request that the grant is revoked, and the session ends with it', async () => {
    await using own = await Harness.start();
    const host = await own.provider(newVisit());
    own.core.refuse('sendMessage', 'grant_revoked');
    expect(await host.client.outcome('chat', { clientMessageId: randomUUID(), text: 'x' })).toBe('grant_revoked');
    expect(await host.client.closed).toEqual({ code: 4401, reason: 'grant_revoked' });
  });

  it('answers unavailable and lets the client try again while core does not answer', async () => {
    await using own = await Harness.start();
    own.core.refuse('redeemGrant', 'unavailable');
    const visit = newVisit();
    const patient = newPatient();
    const client = await own.connect(patient);
    const hello = { encounterId: visit.encounterId, grant: await own.issuer.mint(visit, patient) };
    expect(await client.outcome('hello', hello)).toBe('unavailable');
    own.core.refuse('redeemGrant', undefined);
    expect(await client.outcome('hello', hello)).toBe('ok');
  });

  it('GR7: no grant, resume token, cookie or message stands in a log', async () => {
    const lines: string[] = [];
    const log = createLogger({ service: 'test', level: 'debug', destination: { write: (line) => lines.push(line) } });
    await using own = await Harness.start({ log });
    const visit = newVisit();
    const host = await own.provider(visit);
    await host.client.request('chat', { clientMessageId: randomUUID(), text: 'canary-text' });
    const expired = await own.issuer.mint(visit, host.who, { now: 0 });
    const client = await own.connect(host.who);
    await client.outcome('hello', { encounterId: visit.encounterId, grant: expired });
    await client.closed;
    const logged = lines.join('');
    expect(logged).toContain('session-opened');
    for (const secret of [expired, host.welcome.resumeToken, host.who.cookie, 'canary-text']) {
      expect(logged).not.toContain(secret);
    }
  });
});
