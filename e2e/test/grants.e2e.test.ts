import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Appointment, EncounterId, Grant } from '@bedside/protocol';
import { decodeJwt, importJWK, type JWTPayload, SignJWT } from 'jose';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { callCore, nextVisit, signIn } from '../src/people.ts';
import { openRawSignaling, type RawAnswer, sessionCookie } from '../src/raw-signaling.ts';

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let patient: Page;
let stranger: Page;
let cookie: string;
let visit: Appointment;
let key: { kid: string; privateKey: Awaited<ReturnType<typeof importJWK>>; publicKey: string };

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  const browser = disposables.use(await launchBrowser());
  patient = await browser.newPage({ ownCookies: true });
  stranger = await browser.newPage({ ownCookies: true });
  await signIn(patient, bedside.origin, 'Ruth Lindqvist');
  await signIn(stranger, bedside.origin, 'Darnell Brooks');
  cookie = await sessionCookie(patient);
  visit = await nextVisit(patient);
  const jwk = JSON.parse(await readFile(join(bedside.dataDir, 'grant-key.json'), 'utf8'));
  const jwks: { keys: { kid: string; x: string }[] } = await (
    await fetch(`${bedside.origin}/.well-known/jwks.json`)
  ).json();
  key = { kid: jwks.keys[0]?.kid ?? '', publicKey: jwks.keys[0]?.x ?? '', privateKey: await importJWK(jwk, 'EdDSA') };
});
afterAll(() => disposables.disposeAsync());

const issue = async (page = patient, encounterId: EncounterId = visit.encounterId): Promise<Grant> =>
  (await callCore(page, 'POST', `/api/v1/encounters/${encounterId}/grant`)) as Grant;

/** A grant of core, changed and signed again with core's own key. */
const forged = async (change: Partial<JWTPayload>, header: { alg?: string; typ?: string; kid?: string } = {}) => {
  const claims = { ...decodeJwt((await issue()).token), ...change };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'bedside-grant+jwt', kid: key.kid, ...header })
    .sign(key.privateKey);
};

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Says hello with a grant; gives back the answer, everything the server said, and how it closed. */
const greet = async (grant: string, options: { encounterId?: string; as?: string } = {}) => {
  const raw = await openRawSignaling({ origin: bedside.origin, cookie: options.as ?? cookie });
  const answer = await raw.ask('hello', { encounterId: options.encounterId ?? visit.encounterId, grant });
  if ('ok' in answer && answer.ok) return { answer, heard: raw.heard, raw, closed: undefined };
  return { answer, heard: raw.heard, raw, closed: await raw.closed };
};

const codeOf = (answer: RawAnswer): string | undefined => ('code' in answer ? answer.code : undefined);

const now = (): number => Math.floor(Date.now() / 1000);

describe('GR3 each bad grant is refused with its own code', () => {
  const cases: Record<string, () => Promise<{ grant: string; encounterId?: string; as?: string }>> = {
    grant_malformed: async () => ({ grant: 'not.a.grant' }),
    grant_algorithm: async () => {
      const [, payload] = (await issue()).token.split('.');
      return { grant: `${base64url({ alg: 'none', typ: 'bedside-grant+jwt', kid: key.kid })}.${payload}.` };
    },
    grant_unknown_key: async () => ({ grant: await forged({}, { kid: 'nobody' }) }),
    grant_signature: async () => {
      const [header, payload] = (await issue()).token.split('.');
      const other = generateKeyPairSync('ed25519').privateKey;
      const claims = decodeJwt(`${header}.${payload}.`);
      return {
        grant: await new SignJWT(claims)
          .setProtectedHeader({ alg: 'EdDSA', typ: 'bedside-grant+jwt', kid: key.kid })
          .sign(other),
      };
    },
    grant_claims: async () => ({ grant: await forged({ aud: 'something-else' }) }),
    grant_not_yet_valid: async () => ({ grant: await forged({ nbf: now() + 60, iat: now() + 60, exp: now() + 120 }) }),
    grant_expired: async () => ({ grant: await forged({ nbf: now() - 300, iat: now() - 300, exp: now() - 60 }) }),
    grant_wrong_visit: async () => ({
      grant: (await issue()).token,
      encounterId: (await nextVisit(stranger)).encounterId,
    }),
    grant_wrong_person: async () => ({ grant: (await issue()).token, as: await sessionCookie(stranger) }),
    grant_revoked: async () => {
      const grant = await issue();
      await callCore(patient, 'DELETE', `/api/v1/grants/${grant.id}`);
      return { grant: grant.token };
    },
  };

  test.each(Object.keys(cases))('%s', async (code) => {
    const { grant, ...options } = (await cases[code]?.()) ?? { grant: '' };
    const { answer, heard, closed } = await greet(grant, options);
    expect(codeOf(answer)).toBe(code);
    expect(closed?.code).toBe(4401);
    // One sentence of refusal, and nothing of the visit: no name, no id, no participant.
    expect(heard).toHaveLength(1);
    for (const secret of [
      visit.patient?.displayName,
      visit.provider.displayName,
      visit.patient?.id,
      visit.provider.id,
      visit.encounterId,
    ]) {
      if (secret === undefined) throw new Error('The visit has no patient.');
      expect(heard[0]).not.toContain(secret);
    }
  });

  test('grant_algorithm also for HMAC with the public key', async () => {
    const [, payload] = (await issue()).token.split('.');
    const header = base64url({ alg: 'HS256', typ: 'bedside-grant+jwt', kid: key.kid });
    const mac = createHmac('sha256', Buffer.from(key.publicKey, 'base64url'))
      .update(`${header}.${payload}`)
      .digest('base64url');
    expect(codeOf((await greet(`${header}.${payload}.${mac}`)).answer)).toBe('grant_algorithm');
  });

  test('GR4 grant_replayed: a grant opens one session, once', async () => {
    const grant = await issue();
    const first = await greet(grant.token);
    expect(first.answer).toMatchObject({ ok: true });
    const second = await greet(grant.token);
    expect(codeOf(second.answer)).toBe('grant_replayed');
    // The session that came first goes on.
    expect(await first.raw.ask('ready', { rtpCapabilities: { codecs: [] } })).toMatchObject({ ok: true });
    first.raw.close();
  });

  test('GR2 a visit that does not exist is refused like one that does', async () => {
    const grant = (await issue()).token;
    const there = await greet(grant, { encounterId: (await nextVisit(stranger)).encounterId });
    const nowhere = await greet(grant, { encounterId: randomUUID() });
    expect(nowhere.heard).toEqual(there.heard);
    expect(nowhere.closed).toEqual(there.closed);
  });

  test('GR6 a grant that is revoked while it is in use ends its session', async () => {
    const grant = await issue();
    const { raw, answer } = await greet(grant.token);
    expect(answer).toMatchObject({ ok: true });
    await callCore(patient, 'DELETE', `/api/v1/grants/${grant.id}`);
    expect(await raw.closed).toEqual({ code: 4401, reason: 'grant_revoked' });
  });
});

describe('API4 core gives no grant', () => {
  test('for somebody else’s visit, as if it were not there', async () => {
    await expect(issue(stranger)).rejects.toThrow(/404.*not_found/);
    await expect(issue(stranger, randomUUID() as EncounterId)).rejects.toThrow(/404.*not_found/);
  });
});

test('SES8 a page of another origin gets no connection', async () => {
  const raw = await openRawSignaling({ origin: bedside.origin, cookie, from: 'https://elsewhere.example' });
  expect((await raw.closed).code).toBe(1006);
  expect(raw.heard).toEqual([]);
});
