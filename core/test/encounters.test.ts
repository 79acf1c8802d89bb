import { randomUUID } from 'node:crypto';
import { EncounterView } from '@bedside/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Clinic,
  type Holder,
  MINUTE_MS,
  START,
  startClinic,
  startSecondCore,
  startVisit,
} from './support/clinic.ts';
import { holdVisit, untilWaiting } from './support/locks.ts';

describe('encounters', () => {
  let clinic: Clinic;
  let count = 0;
  const names = () => {
    count += 1;
    return { patient: `pat-${count}`, provider: `doc-${count}` };
  };
  const state = (encounterId: string) =>
    clinic.database.db
      .selectFrom('encounters')
      .innerJoin('appointments', 'appointments.id', 'encounters.appointmentId')
      .where('encounters.id', '=', encounterId as never)
      .select(['encounters.status', 'appointments.status as appointment', 'lastMessageSeq'])
      .executeTakeFirstOrThrow();
  const waiting = async () => {
    const { patient: patientName, provider: providerName } = names();
    const patient = await clinic.person(patientName, 'patient');
    const provider = await clinic.person(providerName, 'provider');
    const visit = await clinic.book({ patient, provider });
    const [host, guest] = [await clinic.enter(provider, visit), await clinic.enter(patient, visit)];
    return { patient, provider, visit, host, guest };
  };
  beforeAll(async () => {
    clinic = await startClinic();
  });
  beforeEach(() => {
    clinic.clock.now = START;
    clinic.announced.length = 0;
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('WAIT1 let nobody in who was not admitted', async () => {
    const { guest, host, patient, visit } = await waiting();
    await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    await expect(clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await state(visit.encounterId)).toMatchObject({ status: 'planned', appointment: 'in-waiting' });
    await clinic.ask('admit', { ...host, patientId: patient.id });
    await clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true });
    expect(await state(visit.encounterId)).toMatchObject({ status: 'planned', appointment: 'admitted' });
    await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
    expect(await state(visit.encounterId)).toMatchObject({ status: 'in-progress', appointment: 'in-visit' });
  });

  it('WAIT1 admit by hosts only', async () => {
    const { guest, host, patient, provider, visit } = await waiting();
    await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    for (const method of ['admit', 'sendBack'] as const) {
      await expect(clinic.ask(method, { ...guest, patientId: patient.id })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await expect(clinic.ask('end', guest)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(clinic.ask('recordMute', { ...guest, mutedId: provider.id })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(clinic.announced).toEqual([]);
    const denied = (await clinic.audit()).filter(
      (row) => row.outcome === 'denied' && row.encounterId === visit.encounterId,
    );
    expect(denied.map((row) => [row.action, row.reason])).toEqual(
      ['encounter.admit', 'encounter.sendBack', 'encounter.end', 'encounter.mute'].map((action) => [
        action,
        'account-role',
      ]),
    );
    await expect(clinic.ask('admit', { ...host, patientId: provider.id })).rejects.toMatchObject({
      code: 'participant_unknown',
    });
    await clinic.ask('recordMute', { ...host, mutedId: patient.id });
    expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'encounter.mute', outcome: 'success' });
  });

  it('WAIT4 repeat a decision without changing anything, and announce it again', async () => {
    const { host, patient, visit, provider } = await startVisit(clinic, names());
    const before = (await clinic.audit()).filter((row) => row.action === 'encounter.admit').length;
    await clinic.ask('admit', { ...host, patientId: patient.id });
    const path = `/api/v1/encounters/${visit.encounterId}`;
    expect((await provider.browser.post(`${path}/admit`, { personId: patient.id })).status).toBe(200);
    expect(clinic.announced.filter((event) => event.type === 'admitted')).toHaveLength(3);
    expect((await clinic.audit()).filter((row) => row.action === 'encounter.admit')).toHaveLength(before);
    expect((await provider.browser.post(`${path}/end`)).status).toBe(200);
    const ended = clinic.announced.at(-1);
    clinic.clock.now += MINUTE_MS;
    expect((await provider.browser.post(`${path}/end`)).status).toBe(200);
    expect(clinic.announced.at(-1)).toEqual(ended);
    expect(clinic.announced.filter((event) => event.type === 'ended')).toHaveLength(2);
    expect(await provider.browser.post(`${path}/admit`, { personId: patient.id })).toMatchObject({
      status: 410,
      code: 'visit_over',
    });
  });

  it('WAIT5 send back, and admit again', async () => {
    const { host, guest, patient, visit } = await startVisit(clinic, names());
    await clinic.ask('sendBack', { ...host, patientId: patient.id });
    expect(clinic.announced.at(-1)).toEqual({ type: 'sentBack', encounterId: visit.encounterId, personId: patient.id });
    expect(await state(visit.encounterId)).toMatchObject({ status: 'in-progress', appointment: 'in-waiting' });
    await expect(clinic.ask('setPresence', { ...guest, presence: 'admitted', connected: true })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(
      clinic.ask('sendMessage', { ...guest, clientMessageId: randomUUID(), text: 'hello?' }),
    ).rejects.toMatchObject({ code: 'not_in_visit' });
    await clinic.ask('admit', { ...host, patientId: patient.id });
    expect(await state(visit.encounterId)).toMatchObject({ appointment: 'in-visit' });
  });

  it('END2 are finished when everybody who was in has left, not before', async () => {
    const { host, guest, visit } = await startVisit(clinic, names());
    await clinic.ask('leave', guest);
    expect(await state(visit.encounterId)).toMatchObject({ status: 'in-progress' });
    await clinic.ask('setPresence', { ...guest, presence: 'device-check', connected: true });
    await clinic.ask('leave', host);
    expect(await state(visit.encounterId)).toMatchObject({ status: 'in-progress' });
    await clinic.ask('leave', guest);
    expect(await state(visit.encounterId)).toMatchObject({ status: 'finished', appointment: 'fulfilled' });
    expect(clinic.announced.at(-1)).toMatchObject({ type: 'ended', reason: 'everybody-left' });
    await expect(clinic.ask('leave', guest)).resolves.toEqual({});
    await expect(clinic.ask('setPresence', { ...guest, presence: 'absent', connected: false })).resolves.toEqual({});
    await expect(clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true })).rejects.toMatchObject({
      code: 'visit_over',
    });
  });

  it('END2 are not ended by a provider who looks in before the patient comes', async () => {
    const { host, visit } = await waiting();
    await clinic.ask('setPresence', { ...host, presence: 'admitted', connected: true });
    await clinic.ask('leave', host);
    expect(await state(visit.encounterId)).toMatchObject({ status: 'planned', appointment: 'booked' });
  });

  it('CHAT1 number a thread without gaps, whoever writes at once, and announce in that order', async () => {
    const { host, guest, visit } = await startVisit(clinic, names());
    const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    const stored = await Promise.all(
      texts.map((text, index) =>
        clinic.ask('sendMessage', { ...(index % 2 ? host : guest), clientMessageId: randomUUID(), text }),
      ),
    );
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(stored.map(({ message }) => message.seq).sort((a, b) => a - b)).toEqual(numbers);
    expect(clinic.announced.flatMap((event) => (event.type === 'message' ? [event.message.seq] : []))).toEqual(numbers);
    const { messages } = await clinic.ask('listMessages', guest);
    expect(messages.map((message) => message.seq)).toEqual(numbers);
    const sent = (await clinic.audit()).filter(
      (row) => row.action === 'message.send' && row.encounterId === visit.encounterId,
    );
    expect(sent).toHaveLength(40);
    expect(JSON.stringify(await clinic.database.db.selectFrom('auditEvents').selectAll().execute())).not.toContain(
      'message 1"',
    );
  });

  it('CHAT1 number a thread without gaps when two cores write to it at once', async () => {
    const { host, guest, visit } = await startVisit(clinic, names());
    await using other = await startSecondCore(clinic);
    const send = (holder: Holder) => ({ ...holder, clientMessageId: randomUUID(), text: 'both' });
    const release = await holdVisit(clinic, visit.encounterId);
    const answers = Promise.all([clinic.ask('sendMessage', send(host)), other.ask('sendMessage', send(guest))]);
    await untilWaiting(clinic, 2);
    await release();
    expect((await answers).map(({ message }) => message.seq).sort()).toEqual([1, 2]);
  });

  it('that are busy wait with one connection and leave the others to the rest of the clinic', async () => {
    const { host, patient, visit } = await startVisit(clinic, names());
    const release = await holdVisit(clinic, visit.encounterId);
    const sent = Promise.all(
      Array.from({ length: 20 }, () =>
        clinic.ask('sendMessage', { ...host, clientMessageId: randomUUID(), text: 'busy' }),
      ),
    );
    await untilWaiting(clinic, 1);
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
    await release();
    expect(await sent).toHaveLength(20);
  });

  it('CHAT2 store a message once, however often it is sent', async () => {
    const { guest, host, visit } = await startVisit(clinic, names());
    const message = { ...guest, clientMessageId: randomUUID(), text: 'once' };
    const answers = await Promise.all([1, 2, 3].map(() => clinic.ask('sendMessage', message)));
    expect(new Set(answers.map((answer) => answer.message.id)).size).toBe(1);
    expect(clinic.announced.filter((event) => event.type === 'message')).toHaveLength(1);
    expect(await state(visit.encounterId)).toMatchObject({ lastMessageSeq: 1 });
    await clinic.ask('end', host);
    expect((await clinic.ask('sendMessage', message)).message.seq).toBe(1);
    await expect(clinic.ask('sendMessage', { ...message, clientMessageId: randomUUID() })).rejects.toMatchObject({
      code: 'visit_over',
    });
  });

  it('WAIT2 show the thread to nobody who waits', async () => {
    const { guest, patient, visit } = await waiting();
    await expect(clinic.ask('listMessages', guest)).rejects.toMatchObject({ code: 'not_in_visit' });
    expect(await patient.browser.get(`/api/v1/encounters/${visit.encounterId}/messages`)).toMatchObject({
      status: 409,
      code: 'not_in_visit',
    });
  });

  it('API4 show themselves to their people, with names, and to nobody else', async () => {
    const { patient, provider, visit } = await startVisit(clinic, names());
    const path = `/api/v1/encounters/${visit.encounterId}`;
    const view = EncounterView.parse((await patient.browser.get(path)).body);
    expect(view).toMatchObject({
      id: visit.encounterId,
      status: 'in-progress',
      role: 'patient',
      runningLateMinutes: 0,
    });
    expect(view.people.map((person) => [person.id, person.role])).toEqual([
      [patient.id, 'patient'],
      [provider.id, 'provider'],
    ]);
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'encounter.read',
      personId: patient.id,
      role: 'patient',
    });
    const stranger = await clinic.person('stranger', 'provider', 'patient', 'admin');
    const forbidden = [
      stranger.browser.get(path),
      stranger.browser.get(`${path}/messages`),
      stranger.browser.post(`${path}/end`),
      stranger.browser.post(`${path}/admit`, { personId: patient.id }),
    ];
    for (const answer of await Promise.all(forbidden)) expect(answer).toMatchObject({ status: 404, code: 'not_found' });
    expect(await patient.browser.post(`${path}/end`)).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('say by how many minutes the provider runs late', async () => {
    const { provider, host } = await startVisit(clinic, names());
    const next = await clinic.person('next', 'patient');
    const visit = await clinic.book({ patient: next, provider, startsAt: START + 30 * MINUTE_MS });
    clinic.clock.now = START + 42 * MINUTE_MS + 30_000;
    const later = await clinic.signIn(next.id);
    const read = async () => (await later.browser.get(`/api/v1/encounters/${visit.encounterId}`)).body;
    // Nobody has heard of the provider since the earlier visit began: it keeps nobody waiting.
    expect(await read()).toMatchObject({ runningLateMinutes: 0 });
    await clinic.ask('renewGrant', host);
    expect(await read()).toMatchObject({ runningLateMinutes: 12 });
  });

  it('keep within the organization, whatever the roles', async () => {
    const { visit, patient } = await startVisit(clinic, names());
    const organizationId = await clinic.core.provisioning.upsertOrganization({
      key: 'other',
      name: 'Other',
      timeZone: 'Europe/Berlin',
    });
    await expect(
      clinic.database.db
        .insertInto('presences')
        .values({
          encounterId: visit.encounterId,
          personId: patient.id,
          organizationId,
          role: 'guest',
          since: new Date(),
        })
        .execute(),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
  });
});
