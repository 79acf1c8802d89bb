import { createHmac } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TURN_CREDENTIAL_SUBJECT, TurnCredentialEvent } from '@bedside/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadRelaySecret } from '../src/index.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

const URLS = ['turn:127.0.0.1:3478?transport=udp', 'turns:visits.example.org:443'];
const SECRET = 'a secret that relay and core share';

describe('relay credentials', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let provider: Somebody;
  let told: TurnCredentialEvent[];
  let hour = 0;
  const visitNow = async () => {
    hour += 1;
    clinic.clock.now = START + hour * 60 * MINUTE_MS;
    [patient, provider] = [await clinic.signIn(patient.id), await clinic.signIn(provider.id)];
    return clinic.book({ patient, provider });
  };
  const revoked = () => told.flatMap((event) => (event.type === 'revoked' ? [event.name] : []));

  beforeAll(async () => {
    clinic = await startClinic(async () => ({ turn: { urls: URLS, secret: SECRET, secretFile: 'nowhere' } }));
    clinic.bus.subscribe(TURN_CREDENTIAL_SUBJECT, (payload) => void told.push(TurnCredentialEvent.parse(payload)));
    patient = await clinic.person('pat', 'patient');
    provider = await clinic.person('doc', 'provider');
  });
  beforeEach(() => {
    told = [];
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('come with the grant: a name that says nothing of anybody, a quarter of an hour, a password that the relay can check', async () => {
    const visit = await visitNow();
    const grant = await clinic.grant(patient, visit);
    const username = `${clinic.clock.now / 1000 + 900}:${grant.id}`;
    expect(grant.iceServers).toEqual([
      { urls: URLS, username, credential: createHmac('sha1', SECRET).update(username).digest('base64') },
    ]);
    expect(told).toEqual([{ type: 'minted', username }]);
  });

  it('are not told of where the grant was refused', async () => {
    const visit = await visitNow();
    clinic.clock.now -= 16 * MINUTE_MS;
    await expect(clinic.grant(patient, visit)).rejects.toThrow();
    expect(told).toEqual([]);
  });

  it('hold on with each renewal of the grant', async () => {
    const visit = await visitNow();
    const holder = await clinic.enter(patient, visit);
    clinic.clock.now += 4 * MINUTE_MS;
    await clinic.ask('renewGrant', holder);
    expect(told.at(-1)).toEqual({
      type: 'extended',
      name: holder.grantId,
      expiresAt: clinic.clock.now + 15 * MINUTE_MS,
    });
  });

  it('GR6 end with the grant, and behind everything that was ever promised', async () => {
    const visit = await visitNow();
    const holder = await clinic.enter(patient, visit);
    await provider.browser.write('DELETE', `/api/v1/grants/${holder.grantId}`);
    expect(told.at(-1)).toEqual({
      type: 'revoked',
      name: holder.grantId,
      until: clinic.clock.now + 16 * MINUTE_MS,
    });
  });

  it('GR6 end with the browser session that they were given to, and no other', async () => {
    const visit = await visitNow();
    const holder = await clinic.enter(patient, visit);
    await clinic.enter(provider, visit);
    await patient.browser.post('/auth/logout');
    expect(revoked()).toEqual([holder.grantId]);
  });

  it('END1 end with the visit, for everybody, and again when the end is repeated', async () => {
    const visit = await visitNow();
    const [guest, host] = [await clinic.enter(patient, visit), await clinic.enter(provider, visit)];
    await clinic.ask('end', host);
    const both = [guest.grantId, host.grantId].sort();
    expect(revoked().sort()).toEqual(both);
    await clinic.ask('end', host);
    expect(revoked().sort()).toEqual([...both, ...both].sort());
  });

  it('GR4 end when a renewal is refused because the account was closed', async () => {
    const visit = await visitNow();
    const holder = await clinic.enter(patient, visit);
    const setActive = (isActive: boolean) =>
      clinic.database.db.updateTable('people').set({ isActive }).where('id', '=', patient.id).execute();
    await setActive(false);
    await expect(clinic.ask('renewGrant', holder)).rejects.toMatchObject({ code: 'grant_revoked' });
    await setActive(true);
    expect(revoked()).toEqual([holder.grantId]);
  });
});

it('the secret is made once, for its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bedside-secret-'));
  try {
    const file = join(folder, 'data', 'turn-secret');
    const [first, second] = await Promise.all([loadRelaySecret(file), loadRelaySecret(file)]);
    expect(first).toMatch(/^[\w-]{43}$/);
    expect([second, await loadRelaySecret(file)]).toEqual([first, first]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
});
