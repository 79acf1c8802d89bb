import { AgreementList } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EgressPort, type EgressRefused } from '../src/egress/port.ts';
import { countExpiring } from '../src/egress/store.ts';
import { type Clinic, type Somebody, startClinic } from './support/clinic.ts';
import { contextOf } from './support/context.ts';

const request = {
  basis: 'agreement',
  vendor: 'Mail Co',
  purpose: 'Reminders',
  destination: 'Mail.Example.org',
  categories: ['contact', 'appointment-time'],
  documentReference: 'Contract 12',
  validFrom: '2026-01-01',
};

describe('agreements', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let desk: Somebody;
  let patient: Somebody;
  const listed = async () => AgreementList.parse((await admin.browser.get('/api/v1/agreements')).body).agreements;
  const tryToSend = (destination: string) =>
    new EgressPort({ context: contextOf(clinic), onRefused: () => undefined }).require(destination, {
      organizationId: clinic.organizationId,
      patientId: patient.id,
      categories: ['contact'],
      resource: { type: 'notification', id: 'x' },
    });
  beforeAll(async () => {
    clinic = await startClinic();
    admin = await clinic.person('admin', 'admin');
    desk = await clinic.person('desk', 'front-desk');
    patient = await clinic.person('pat', 'patient');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('RGT1 are recorded by administrators, once whoever asks again, and let data go until they are ended', async () => {
    await expect(tryToSend('mail.example.org')).rejects.toMatchObject({
      code: 'egress_refused',
      reason: 'no-agreement',
    });
    const key = { 'idempotency-key': 'agreement-once' };
    const made = await admin.browser.post('/api/v1/agreements', request, key);
    expect(made.status).toBe(201);
    expect((await admin.browser.post('/api/v1/agreements', request, key)).body).toEqual(made.body);
    const { id } = made.body as { id: string };
    expect(await listed()).toMatchObject([
      { ...request, id, destination: 'mail.example.org', isInForce: true, isExpiring: false },
    ]);
    await tryToSend('mail.example.org');
    await tryToSend('MAIL.example.org');
    await expect(tryToSend('example.org')).rejects.toMatchObject({ reason: 'no-agreement' });
    expect((await admin.browser.post(`/api/v1/agreements/${id}/end`)).status).toBe(204);
    expect(await admin.browser.post(`/api/v1/agreements/${id}/end`)).toMatchObject({ code: 'not_found' });
    await expect(tryToSend('mail.example.org')).rejects.toMatchObject({ reason: 'not-in-force' });
    const trail = (await clinic.audit()).filter((row) => row.action === 'agreement.write');
    expect(trail.map((row) => [row.personId, row.reason])).toEqual([
      [admin.id, 'agreement'],
      [admin.id, 'ended'],
    ]);
    expect(
      (await clinic.audit()).filter((row) => row.action === 'egress.send' && row.outcome === 'denied'),
    ).toHaveLength(3);
  });

  it('are nobody else’s to see or to make, and say which field is wrong', async () => {
    for (const who of [desk, patient]) {
      expect(await who.browser.get('/api/v1/agreements')).toMatchObject({ code: 'forbidden' });
      expect(await who.browser.post('/api/v1/agreements', request)).toMatchObject({ code: 'forbidden' });
    }
    const detail = async (change: object) =>
      ((await admin.browser.post('/api/v1/agreements', { ...request, ...change })).body as { detail: string }).detail;
    expect(await detail({ validTo: '2025-12-31' })).toMatch(/^validTo:/);
    expect(await detail({ categories: ['contact', 'contact'] })).toMatch(/^categories:/);
    expect(await admin.browser.post('/api/v1/agreements', { ...request, destination: 'a b' })).toMatchObject({
      code: 'bad_request',
    });
  });

  it('stand as they were written, whoever writes to the table', async () => {
    const made = await admin.browser.post('/api/v1/agreements', { ...request, destination: 'kept.example.org' });
    const { id } = made.body as { id: string };
    const { db } = clinic.database;
    await expect(
      sql`UPDATE business_associate_agreements SET valid_to = '2030-01-01' WHERE id = ${id}`.execute(db),
    ).rejects.toThrow(/only be ended/);
    await expect(sql`DELETE FROM business_associate_agreements WHERE id = ${id}`.execute(db)).rejects.toThrow(
      /only be ended/,
    );
  });

  it('are warned of thirty days before nothing can leave any more', async () => {
    const { db } = clinic.database;
    const now = new Date(clinic.clock.now);
    const before = await countExpiring(db, now);
    await admin.browser.post('/api/v1/agreements', {
      ...request,
      destination: 'soon.example.org',
      validTo: '2026-03-20',
    });
    expect(await countExpiring(db, now)).toBe(before + 1);
    expect((await listed()).find((one) => one.destination === 'soon.example.org')).toMatchObject({ isExpiring: true });
    await admin.browser.post('/api/v1/agreements', {
      ...request,
      destination: 'soon.example.org',
      validFrom: '2026-03-01',
    });
    expect(await countExpiring(db, now)).toBe(before);
  });

  it('API4 of another organization let nothing go', async () => {
    const elsewhere = await clinic.core.provisioning.upsertOrganization({ key: 'b', name: 'B', timeZone: 'UTC' });
    await admin.browser.post('/api/v1/agreements', { ...request, destination: 'ours.example.org' });
    const sending = new EgressPort({ context: contextOf(clinic), onRefused: () => undefined }).require(
      'ours.example.org',
      {
        organizationId: elsewhere,
        patientId: patient.id,
        categories: ['contact'],
        resource: { type: 'notification', id: 'x' },
      },
    );
    await expect(sending).rejects.toMatchObject({ reason: 'no-agreement' } satisfies Partial<EgressRefused>);
  });
});
