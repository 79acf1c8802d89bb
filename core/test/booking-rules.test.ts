import type { Appointment, PayerId } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, iso, NEXT_MONDAY, openHours, openProvider } from './support/booking.ts';
import { type Clinic, type Somebody, START, startClinic } from './support/clinic.ts';

const SOURCE = 'https://board.example.org';

describe('rules of booking', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await openProvider(clinic, 'doc');
    patient = await clinic.person('pat', 'patient');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const book = (who: Somebody, startsAt: number, more: object = {}) =>
    who.browser.post('/api/v1/appointments', {
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: iso(startsAt),
      ...more,
    });
  const requireLicenses = (requiresLicense: boolean) =>
    clinic.core.provisioning.upsertOrganization({
      key: 'clinic',
      name: 'Clinic',
      timeZone: 'Europe/Berlin',
      requiresLicense,
    });

  it('SCH10 SCH11 asks for a licence in force where the patient is, at booking and at the door', async () => {
    await requireLicenses(true);
    const { db } = clinic.database;
    const { organizationId } = clinic;
    const row = { organizationId, source: SOURCE, validFrom: '2026-01-01' };
    await db
      .insertInto('licenses')
      .values([
        { ...row, providerId: provider.id, region: 'US-NY', validTo: '2026-03-09' },
        { ...row, providerId: provider.id, compact: 'IMLC', validTo: null },
      ])
      .execute();
    await db
      .insertInto('compactMembers')
      .values({ ...row, compact: 'IMLC', region: 'US-CO', validFrom: '2026-03-10', validTo: null })
      .execute();
    expect(await book(patient, NEXT_MONDAY)).toMatchObject({ status: 400, code: 'region_required' });
    expect(await book(patient, NEXT_MONDAY, { region: 'US-CA' })).toMatchObject({ code: 'not_licensed' });
    expect(await book(patient, NEXT_MONDAY, { region: 'US-CO' })).toMatchObject({ code: 'not_licensed' });
    expect((await book(patient, NEXT_MONDAY, { region: 'US-NY' })).status).toBe(201);
    // The last day of the licence was yesterday, and the compact begins.
    expect(await book(patient, NEXT_MONDAY + DAY_MS, { region: 'US-NY' })).toMatchObject({ code: 'not_licensed' });
    expect((await book(patient, NEXT_MONDAY + DAY_MS, { region: 'US-CO' })).status).toBe(201);

    await openHours(clinic, provider.id, { startsAt: '10:00', endsAt: '16:00' });
    const other = await clinic.person('pat-now', 'patient');
    const booked = await book(other, clinic.clock.now, { region: 'US-NY' });
    expect(booked.status).toBe(201);
    const { id, encounterId } = booked.body as Appointment;
    const visit = { appointmentId: id, encounterId };
    const [host, guest] = [await clinic.enter(provider, visit), await clinic.enter(other, visit)];
    await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    await db.deleteFrom('licenses').where('region', '=', 'US-NY').execute();
    await expect(clinic.ask('admit', { ...host, patientId: other.id })).rejects.toMatchObject({ code: 'not_licensed' });
    expect(
      await provider.browser.post(`/api/v1/encounters/${encounterId}/admit`, { personId: other.id }),
    ).toMatchObject({ status: 409, code: 'not_licensed' });
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'encounter.admit',
      outcome: 'denied',
      reason: 'not-licensed',
      patientId: other.id,
    });
    await requireLicenses(false);
    await clinic.ask('admit', { ...host, patientId: other.id });
  });

  it('takes the payers that a visit type takes', async () => {
    const { db } = clinic.database;
    const { organizationId } = clinic;
    const payers = await db
      .insertInto('payers')
      .values(['blue', 'red'].map((key) => ({ organizationId, key, name: key })))
      .returning('id')
      .execute();
    const [blue, red] = payers.map((payer) => payer.id) as [PayerId, PayerId];
    const visitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'insured',
      organizationId,
      name: 'Insured',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { selfPay: false },
    });
    await db
      .insertInto('payerRules')
      .values({ organizationId, payerId: blue, visitTypeId, effect: 'allow', validFrom: '2026-01-01', source: SOURCE })
      .execute();
    const at = NEXT_MONDAY + 2 * DAY_MS;
    expect(await book(patient, at, { visitTypeId })).toMatchObject({ status: 409, code: 'payer_not_accepted' });
    expect(await book(patient, at, { visitTypeId, payerId: red })).toMatchObject({ code: 'payer_not_accepted' });
    expect(await book(patient, at, { visitTypeId, payerId: patient.id })).toMatchObject({ code: 'bad_request' });
    expect((await book(patient, at, { visitTypeId, payerId: blue })).status).toBe(201);
    expect((await book(patient, at + HOUR_MS, { payerId: red })).status).toBe(201);
  });

  it('keeps a day at its cap, holds counted in, moves counted once', async () => {
    const at = NEXT_MONDAY + 3 * DAY_MS;
    const { db } = clinic.database;
    const { organizationId } = clinic;
    await db
      .insertInto('dailyCaps')
      .values({ organizationId, providerId: provider.id, maxVisits: 2, validFrom: '2026-03-12', validTo: '2026-03-12' })
      .execute();
    const first = await book(patient, at);
    expect(first.status).toBe(201);
    const held = await patient.browser.post('/api/v1/holds', {
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: iso(at + HOUR_MS),
    });
    expect(held.status).toBe(201);
    expect(await book(patient, at + 2 * HOUR_MS)).toMatchObject({ status: 409, code: 'day_full' });
    expect((await book(patient, at + DAY_MS)).status).toBe(201);
    const { id } = first.body as Appointment;
    const moved = await patient.browser.post(`/api/v1/appointments/${id}/reschedule`, {
      version: 1,
      startsAt: iso(at + 2 * HOUR_MS),
    });
    expect(moved.status).toBe(201);
    clinic.clock.now = START + 11 * 60_000;
    expect((await book(patient, at + 3 * HOUR_MS)).status).toBe(201);
    expect(await book(patient, at + 4 * HOUR_MS)).toMatchObject({ code: 'day_full' });
  });
});
