import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, startClinic, startVisit } from './support/clinic.ts';

describe('the way of a visit', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    clinic = await startClinic();
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('END1 API5 moves appointment, encounter and presence along, and leaves its trail', async () => {
    const { provider, visit, host, patient } = await startVisit(clinic);
    const read = () =>
      clinic.database.db
        .selectFrom('encounters')
        .innerJoin('appointments', 'appointments.id', 'encounters.appointmentId')
        .where('encounters.id', '=', visit.encounterId)
        .select(['encounters.status', 'appointments.status as appointmentStatus', 'endReason'])
        .executeTakeFirstOrThrow();
    expect(await read()).toEqual({ status: 'in-progress', appointmentStatus: 'in-visit', endReason: null });
    await clinic.ask('end', host);
    expect(await read()).toEqual({ status: 'finished', appointmentStatus: 'fulfilled', endReason: 'ended-by-host' });
    expect(clinic.announced.map((event) => event.type)).toEqual(['admitted', 'ended']);

    const trail = (await clinic.audit()).filter((row) => row.encounterId === visit.encounterId);
    expect(trail.map((row) => row.action)).toEqual([
      'appointment.book',
      'grant.issue',
      'grant.redeem',
      'grant.issue',
      'grant.redeem',
      'encounter.presence',
      'encounter.presence',
      'encounter.presence',
      'encounter.admit',
      'encounter.end',
    ]);
    expect(trail.every((row) => row.patientId === patient.id)).toBe(true);
    expect(trail.find((row) => row.action === 'encounter.end')).toMatchObject({
      personId: provider.id,
      role: 'provider',
      outcome: 'success',
    });
  });
});
