import { randomUUID } from 'node:crypto';
import { GRANT_AUDIENCE, GRANT_TYPE, GrantClaims, type GrantId } from '@bedside/protocol';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../src/secrets.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic, startVisit } from './support/clinic.ts';
import { holdVisit, untilWaiting } from './support/locks.ts';

describe('room grants', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let provider: Somebody;
  let hour = 0;
  /** Each test has a visit of its own, at an hour of its own. */
  const visitNow = async () => {
    hour += 1;
    clinic.clock.now = START + hour * 60 * MINUTE_MS;
    [patient, provider] = [await clinic.signIn(patient.id), await clinic.signIn(provider.id)];
    return clinic.book({ patient, provider });
  };
  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    provider = await clinic.person('doc', 'provider');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('GR1 GR5 are signed, bound to visit, person, role and browser, and say what is allowed', async () => {
    const visit = await visitNow();
    const grant = await clinic.grant(patient, visit);
    const keys = (await patient.browser.get('/.well-known/jwks.json')).body as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(grant.token, createLocalJWKSet(keys), {
      audience: GRANT_AUDIENCE,
      issuer: clinic.origin,
      typ: GRANT_TYPE,
      algorithms: ['EdDSA'],
      currentDate: new Date(clinic.clock.now),
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: GRANT_TYPE, kid: expect.any(String) });
    const claims = GrantClaims.parse(payload);
    expect(claims).toMatchObject({
      sub: patient.id,
      jti: grant.id,
      enc: visit.encounterId,
      apt: visit.appointmentId,
      role: 'patient',
      sid: sha256(patient.cookie),
    });
    expect(claims.exp - claims.iat).toBe(300);
    expect(
      Object.entries(claims.perm)
        .filter(([, isAllowed]) => isAllowed)
        .map(([name]) => name),
    ).toEqual(['publishAudio', 'publishVideo', 'subscribe', 'chat']);
    expect(grant.signalingUrl).toBe(`${clinic.origin.replace('http', 'ws')}/signal`);
    expect(grant.signalingUrl).not.toContain(grant.token);
  });

  it('API4 are for the people of the visit only', async () => {
    const visit = await visitNow();
    const stranger = await clinic.person('stranger', 'patient', 'provider');
    expect(await stranger.browser.post(`/api/v1/encounters/${visit.encounterId}/grant`)).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    const unknown = await stranger.browser.post(`/api/v1/encounters/${randomUUID()}/grant`);
    expect(unknown).toMatchObject({ status: 404, code: 'not_found' });
    expect((await clinic.audit()).slice(-2)).toEqual([
      expect.objectContaining({
        action: 'encounter.grant',
        outcome: 'denied',
        reason: 'not-of-the-visit',
        encounterId: visit.encounterId,
      }),
      expect.objectContaining({
        action: 'encounter.grant',
        outcome: 'denied',
        reason: 'no-such-visit',
        encounterId: null,
      }),
    ]);
  });

  it('END3 are given from the time of early entry until late entry is over', async () => {
    const visit = await visitNow();
    const ask = async () => (await patient.browser.post(`/api/v1/encounters/${visit.encounterId}/grant`)).code;
    const startsAt = clinic.clock.now;
    clinic.clock.now = startsAt - 15 * MINUTE_MS - 1;
    expect(await ask()).toBe('visit_too_early');
    clinic.clock.now += 1;
    expect(await ask()).toBeUndefined();
    clinic.clock.now = startsAt + 90 * MINUTE_MS;
    patient = await clinic.signIn(patient.id);
    expect(await ask()).toBeUndefined();
    clinic.clock.now += 1;
    expect(await ask()).toBe('visit_over');
    hour += 2;
  });

  it('GR4 are used up by one of many who try at once', async () => {
    const visit = await visitNow();
    const { id } = await clinic.grant(patient, visit);
    const holder = { grantId: id, encounterId: visit.encounterId, personId: patient.id };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => clinic.ask('redeemGrant', holder)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'grant_replayed' });
    expect(
      (await clinic.audit()).filter((row) => row.action === 'grant.redeem' && row.encounterId === visit.encounterId),
    ).toHaveLength(1);
  });

  it('GR4 are used up by one, also when all of them were found unused', async () => {
    const visit = await visitNow();
    const { id } = await clinic.grant(patient, visit);
    const holder = { grantId: id, encounterId: visit.encounterId, personId: patient.id };
    const release = await holdVisit(clinic, visit.encounterId);
    const outcomes = Promise.allSettled(Array.from({ length: 4 }, () => clinic.ask('redeemGrant', holder)));
    await untilWaiting(clinic, 4);
    await release();
    expect((await outcomes).map((outcome) => outcome.status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
  });

  it('GR3 are judged in order: whose it is, revoked, replayed, over, expired', async () => {
    const visit = await visitNow();
    const { id } = await clinic.grant(patient, visit);
    const holder = { grantId: id, encounterId: visit.encounterId, personId: patient.id };
    const redeem = (change: Partial<typeof holder> = {}) => clinic.ask('redeemGrant', { ...holder, ...change });
    await expect(redeem({ personId: provider.id })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(redeem({ grantId: randomUUID() as GrantId })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(clinic.ask('setPresence', { ...holder, presence: 'ready', connected: true })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await redeem();
    const host = await clinic.enter(provider, visit);
    const late = await clinic.grant(patient, visit);
    await clinic.ask('end', host);
    await expect(redeem()).rejects.toMatchObject({ code: 'grant_replayed' });
    await expect(redeem({ grantId: late.id })).rejects.toMatchObject({ code: 'visit_over' });
    await expect(clinic.ask('renewGrant', holder)).rejects.toMatchObject({ code: 'visit_over' });
    expect((await patient.browser.write('DELETE', `/api/v1/grants/${id}`)).status).toBe(204);
    await expect(redeem()).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('expire, and are prolonged while they are in use', async () => {
    const visit = await visitNow();
    const unused = await clinic.grant(patient, visit);
    const holder = await clinic.enter(patient, visit);
    clinic.clock.now += 4 * MINUTE_MS;
    expect(await clinic.ask('renewGrant', holder)).toEqual({
      expiresAt: new Date(clinic.clock.now + 5 * MINUTE_MS).toISOString(),
    });
    clinic.clock.now += 2 * MINUTE_MS;
    await expect(clinic.ask('redeemGrant', { ...holder, grantId: unused.id })).rejects.toMatchObject({
      code: 'grant_expired',
    });
    await expect(clinic.ask('setPresence', { ...holder, presence: 'ready', connected: true })).resolves.toEqual({});
    clinic.clock.now += 4 * MINUTE_MS;
    await expect(clinic.ask('setPresence', { ...holder, presence: 'ready', connected: true })).rejects.toMatchObject({
      code: 'grant_expired',
    });
    await expect(clinic.ask('setPresence', { ...holder, presence: 'absent', connected: false })).resolves.toEqual({});
    await expect(clinic.ask('renewGrant', holder)).resolves.toBeDefined();
  });

  it('GR6 are revoked by their holder or the host of the visit, by nobody else, and it is announced each time', async () => {
    const visit = await visitNow();
    const holder = await clinic.enter(patient, visit);
    const stranger = await clinic.person('stranger', 'patient', 'provider');
    const revoke = async (who: Somebody) =>
      (await who.browser.write('DELETE', `/api/v1/grants/${holder.grantId}`)).status;
    expect(await revoke(stranger)).toBe(404);
    await expect(clinic.ask('renewGrant', holder)).resolves.toBeDefined();
    expect(await revoke(provider)).toBe(204);
    expect(await revoke(patient)).toBe(204);
    const told = clinic.announced.filter((event) => event.type === 'grantRevoked' && event.grantId === holder.grantId);
    expect(told).toHaveLength(2);
    for (const method of ['renewGrant', 'listMessages', 'end', 'leave'] as const) {
      await expect(clinic.ask(method, holder)).rejects.toMatchObject({ code: 'grant_revoked' });
    }
  });

  it('END of an account ends its grants', async () => {
    const visit = await visitNow();
    const leaving = await clinic.person('leaving', 'patient');
    const other = await clinic.person('doc2', 'provider');
    const own = await clinic.book({ patient: leaving, provider: other });
    expect(own.encounterId).not.toBe(visit.encounterId);
    const holder = await clinic.enter(leaving, own);
    await clinic.database.db.updateTable('people').set({ isActive: false }).where('id', '=', leaving.id).execute();
    await expect(clinic.ask('renewGrant', holder)).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('WAIT4 tell whether their holder was let in before, and bring the thread then', async () => {
    const {
      host,
      guest,
      patient: guestPerson,
      visit,
    } = await startVisit(clinic, { patient: 'pat4', provider: 'doc4' });
    await clinic.ask('sendMessage', { ...host, clientMessageId: randomUUID(), text: 'Good morning' });
    const again = await clinic.grant(guestPerson, visit);
    const second = { ...guest, grantId: again.id };
    expect(await clinic.ask('redeemGrant', second)).toMatchObject({
      admitted: true,
      messages: [{ seq: 1, text: 'Good morning' }],
    });
    await clinic.ask('sendBack', { ...host, patientId: guestPerson.id });
    const third = await clinic.grant(guestPerson, visit);
    expect(await clinic.ask('redeemGrant', { ...guest, grantId: third.id })).toEqual({ admitted: false, messages: [] });
  });
});
