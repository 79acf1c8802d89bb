import { type Appointment, AppointmentList } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, iso } from './support/booking.ts';
import { type BookedVisit, type Clinic, type Somebody, START, startClinic } from './support/clinic.ts';

describe('the visits of a patient', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let doctor: Somebody;
  let other: Somebody;
  let desk: Somebody;
  let past: BookedVisit;
  let next: BookedVisit;
  let elsewhere: BookedVisit;
  const pathOf = (who: Somebody): string => `/api/v1/patients/${who.id}/appointments`;
  const list = async (who: Somebody, of = patient): Promise<Appointment[]> => {
    const answer = await who.browser.get(pathOf(of));
    expect(answer.status).toBe(200);
    return AppointmentList.parse(answer.body).appointments;
  };
  const idsFor = async (who: Somebody): Promise<string[]> => (await list(who)).map(({ id }) => id);
  const made = async (path: string, body: object, who = desk): Promise<string> => {
    const answer = await who.browser.post(`/api/v1/${path}`, body);
    expect([path, answer.status]).toEqual([path, 201]);
    return (answer.body as { id: string }).id;
  };

  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    doctor = await clinic.person('doc', 'provider');
    other = await clinic.person('doc-2', 'provider');
    desk = await clinic.person('desk', 'front-desk');
    past = await clinic.book({ patient, provider: doctor, startsAt: START - 30 * DAY_MS });
    next = await clinic.book({ patient, provider: doctor, startsAt: START + DAY_MS });
    elsewhere = await clinic.book({ patient, provider: other, startsAt: START + 2 * DAY_MS });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('RGT5 are told newest first, past ones too, to the patient and the desk, and to providers as far as they lead them', async () => {
    const all = [elsewhere, next, past].map((visit) => visit.appointmentId);
    for (const who of [patient, desk]) expect(await idsFor(who)).toEqual(all);
    expect(await idsFor(doctor)).toEqual([next.appointmentId, past.appointmentId]);
    expect(await idsFor(other)).toEqual([elsewhere.appointmentId]);
  });

  it('RGT5 are found by whoever opened the record in an emergency, and by nobody after it', async () => {
    const helper = await clinic.person('helper', 'provider');
    expect((await helper.browser.get(pathOf(patient))).code).toBe('not_found');
    const id = await made(
      `patients/${patient.id}/emergency-access`,
      { reason: 'Brought in unconscious', minutes: 30 },
      helper,
    );
    const visits = await list(helper);
    expect(visits.map((visit) => visit.id)).toEqual([elsewhere, next, past].map((visit) => visit.appointmentId));
    expect(visits[0]?.patient).toEqual({ id: patient.id, displayName: 'Name of pat' });
    // From there the record itself can be read.
    for (const { encounterId } of visits)
      expect((await helper.browser.get(`/api/v1/encounters/${encounterId}/messages`)).status).toBe(200);
    expect((await helper.browser.write('DELETE', `/api/v1/emergency-access/${id}`, {})).status).toBe(204);
    const again = await helper.browser.get(pathOf(patient));
    expect(again.code).toBe('not_found');
    expect(again.text).not.toContain('Name of pat');
    const trail = (await clinic.audit()).filter(
      (row) => row.personId === helper.id && row.action === 'appointments.ofPatient',
    );
    expect(trail.map((row) => [row.outcome, row.reason])).toEqual([
      ['denied', 'not-their-own-calendar'],
      ['success', 'break-glass'],
      ['denied', 'not-their-own-calendar'],
    ]);
    expect(trail[1]?.patientId).toBe(patient.id);
  });

  it('RGT5 are found by proxy and care team, and by who stands in for a provider those of the provider', async () => {
    const [mother, nurse, locum] = [
      await clinic.person('mother', 'patient'),
      await clinic.person('nurse', 'provider'),
      await clinic.person('locum', 'provider'),
    ];
    for (const who of [mother, nurse, locum]) expect((await who.browser.get(pathOf(patient))).status).toBe(404);
    await made('proxies', { patientId: patient.id, proxyId: mother.id, kind: 'guardian', scopes: ['read'] });
    await made('care-team', { patientId: patient.id, memberId: nurse.id });
    await made('covers', { providerId: other.id, coveringId: locum.id, validTo: iso(START + 10 * DAY_MS) });
    const all = [elsewhere, next, past].map((visit) => visit.appointmentId);
    expect(await idsFor(mother)).toEqual(all);
    expect(await idsFor(nurse)).toEqual(all);
    expect(await idsFor(locum)).toEqual([elsewhere.appointmentId]);
  });

  it('API4 are no stranger’s: neither another patient’s, nor those of nobody', async () => {
    const stranger = await clinic.person('sam', 'patient');
    expect((await stranger.browser.get(pathOf(patient))).code).toBe('not_found');
    // A page further on tells a stranger no more.
    const cursor = `${(START + 9 * DAY_MS).toString(36)}.${next.appointmentId}`;
    expect((await stranger.browser.get(`${pathOf(patient)}?cursor=${cursor}`)).code).toBe('not_found');
    expect((await desk.browser.get(pathOf(doctor))).code).toBe('not_found');
    expect((await desk.browser.get(`${pathOf(patient)}?cursor=x`)).code).toBe('bad_request');
  });

  it('RGT3 name what a patient asks to have corrected, also in a visit that is long over', async () => {
    const oldest = (await list(patient)).at(-1);
    await made(
      'corrections',
      { about: 'visit', aboutId: oldest?.encounterId, statement: 'It was Tuesday', proposed: 'Tuesday' },
      patient,
    );
  });

  it('come 50 a page, each once', async () => {
    const regular = await clinic.person('reg', 'patient');
    for (let index = 0; index < 52; index += 1)
      await clinic.book({ patient: regular, provider: doctor, startsAt: START + 20 * DAY_MS + index * HOUR_MS });
    const first = AppointmentList.parse((await doctor.browser.get(pathOf(regular))).body);
    expect(first.appointments).toHaveLength(50);
    const rest = AppointmentList.parse((await doctor.browser.get(`${pathOf(regular)}?cursor=${first.next}`)).body);
    expect(rest.next).toBeUndefined();
    const starts = [...first.appointments, ...rest.appointments].map(({ startsAt }) => startsAt);
    expect(new Set(starts).size).toBe(52);
    expect(starts).toEqual([...starts].sort().reverse());
  });
});
