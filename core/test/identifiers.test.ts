import type { PatientIdentifier, PatientIdentifierList, PatientList } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Clinic, type Somebody, startClinic } from './support/clinic.ts';
import { contextOf } from './support/context.ts';

describe('what others know a patient by', () => {
  let clinic: Clinic;
  let desk: Somebody;
  let patient: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    desk = await clinic.person('desk', 'front-desk');
    patient = await clinic.person('pat', 'patient');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const add = (who: Somebody, system: string, value: string, by = desk) =>
    by.browser.post(`/api/v1/patients/${who.id}/identifiers`, { system, value });
  const list = async (who: Somebody): Promise<PatientIdentifier[]> => {
    const answer = await desk.browser.get(`/api/v1/patients/${who.id}/identifiers`);
    return (answer.body as z.infer<typeof PatientIdentifierList>).identifiers;
  };
  const search = async (system: string, value: string): Promise<string[]> => {
    const answer = await desk.browser.post('/api/v1/patients/search-by-identifier', { system, value });
    expect(answer.status).toBe(200);
    return (answer.body as z.infer<typeof PatientList>).patients.map(({ id }) => id);
  };

  it('is kept sealed, and found whichever way it is written', async () => {
    const other = await clinic.person('other', 'patient');
    expect((await add(patient, 'ssn', '123-45-6789')).status).toBe(201);
    expect((await add(patient, 'email', 'Pat@Example.net')).status).toBe(201);
    expect((await add(other, 'mrn', '123456789')).status).toBe(201);
    expect((await list(patient)).map(({ system, value }) => [system, value])).toEqual([
      ['email', 'Pat@Example.net'],
      ['ssn', '123-45-6789'],
    ]);
    expect(await search('ssn', '123 45 6789')).toEqual([patient.id]);
    expect(await search('email', 'pat@example.NET')).toEqual([patient.id]);
    // The same digits of another system are somebody else's.
    expect(await search('mrn', '123456789')).toEqual([other.id]);
    expect(await search('ssn', '987-65-4321')).toEqual([]);
    const { rows } = await sql<{
      row: string;
    }>`SELECT patient_identifiers::text AS row FROM patient_identifiers`.execute(clinic.database.db);
    expect(rows).toHaveLength(3);
    for (const text of ['123-45-6789', '123456789', 'xample'])
      for (const { row } of rows) {
        expect(row).not.toContain(text);
        expect(row).not.toContain(Buffer.from(text).toString('hex'));
      }
  });

  it('belongs to one patient of an organization, and has another index in another organization', async () => {
    const [one, other] = [await clinic.person('one', 'patient'), await clinic.person('two', 'patient')];
    expect((await add(one, 'ssn', '111-11-1111')).status).toBe(201);
    expect(await add(other, 'ssn', '111 11 1111')).toMatchObject({ status: 409, code: 'identifier_taken' });
    expect(await add(other, 'ssn', ' -- ')).toMatchObject({ status: 400, code: 'bad_request' });
    const answer = await add(other, 'SSN!', '1');
    expect(answer).toMatchObject({ status: 400 });
    const elsewhere = await clinic.core.provisioning.upsertOrganization({
      key: 'elsewhere',
      name: 'Elsewhere',
      timeZone: 'UTC',
    });
    const context = contextOf(clinic);
    const field = { field: 'identifier/ssn', value: '111111111' };
    const { db } = clinic.database;
    const here = await context.phi.blindIndex(db, clinic.organizationId, field);
    expect(here).toEqual(await context.phi.blindIndex(db, clinic.organizationId, field));
    expect(here).not.toEqual(await context.phi.blindIndex(db, elsewhere, field));
    await context.phi.close();
  });

  it('is the front desk’s to see and to change, and each look stands in the trail', async () => {
    const someone = await clinic.person('someone', 'patient');
    const doctor = await clinic.person('doc', 'provider');
    for (const by of [someone, doctor]) {
      expect(await add(someone, 'ssn', '222-22-2222', by)).toMatchObject({ status: 403 });
      expect((await by.browser.get(`/api/v1/patients/${someone.id}/identifiers`)).status).toBe(403);
    }
    const made = (await add(someone, 'ssn', '222-22-2222')).body as PatientIdentifier;
    expect(await list(someone)).toEqual([made]);
    expect(await add(doctor, 'ssn', '333-33-3333')).toMatchObject({ status: 404 });
    const path = `/api/v1/patients/${someone.id}/identifiers/${made.id}`;
    expect((await desk.browser.write('DELETE', path)).status).toBe(204);
    expect((await desk.browser.write('DELETE', path)).status).toBe(404);
    expect(await search('ssn', '222-22-2222')).toEqual([]);
    const acts = (await clinic.audit()).filter((row) => row.patientId === someone.id && row.outcome === 'success');
    expect(acts.map((row) => row.action)).toEqual(['identifiers.write', 'identifiers.read', 'identifiers.write']);
  });
});
