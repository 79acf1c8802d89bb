import type { AccountRole, Correction, CorrectionPage, RecordExport, Relationships } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../src/caller.ts';
import { openAccessReviewAdmin } from '../src/index.ts';
import { openPhiAdmin } from '../src/phi/admin.ts';
import { Relationships as RelationshipsOfCore } from '../src/relationships/service.ts';
import { Corrections } from '../src/rights/corrections.ts';
import type { AccessReviewReport } from '../src/rights/review/model.ts';
import { DAY_MS } from './support/booking.ts';
import { type Clinic, type Somebody, startClinic } from './support/clinic.ts';
import { contextOf } from './support/context.ts';
import { createTestPhi, TestKek } from './support/phi.ts';

describe('what is written of a patient beside their visits', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let admin: Somebody;
  let helper: Somebody;
  beforeEach(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    admin = await clinic.person('ada', 'admin');
    helper = await clinic.person('helper', 'provider');
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  const made = async <Body>(who: Somebody, path: string, body: object, status = 201): Promise<Body> => {
    const answer = await who.browser.post(`/api/v1/${path}`, body);
    expect([path, answer.status]).toEqual([path, status]);
    return answer.body as Body;
  };
  const openRecord = (of: Somebody, reason: string) =>
    made(helper, `patients/${of.id}/emergency-access`, { reason, minutes: 240 });
  const correctionText = { about: 'other', statement: 'It was the left arm', proposed: 'Left' };
  const writeAll = async () => {
    const correction = await made<Correction>(patient, 'corrections', correctionText);
    await made(admin, `corrections/${correction.id}/accept`, { version: 1, note: 'Amended in the letter' }, 200);
    await openRecord(patient, 'Brought in unconscious');
    await made(admin, 'record-exports', { format: 'fhir', patientId: patient.id, reason: 'Asked by letter' });
  };
  const told = async () => {
    const corrections = (await admin.browser.get('/api/v1/corrections')).body as CorrectionPage;
    const relationships = (await helper.browser.get('/api/v1/relationships')).body as Relationships;
    await using reviews = openAccessReviewAdmin({
      databaseUrl: clinic.config.databaseUrl,
      role: undefined,
      phi: clinic.config.phi,
      clock: () => clinic.clock.now,
    });
    const [from, to] = [new Date(clinic.clock.now - DAY_MS), new Date(clinic.clock.now + DAY_MS)];
    const { json, markdown } = await reviews.make({ organizationKey: undefined, from, to });
    const report = JSON.parse(json) as AccessReviewReport;
    return {
      corrections: corrections.corrections.flatMap(({ statement, proposed, history }) => [
        statement,
        proposed,
        ...history.flatMap(({ note }) => note ?? []),
      ]),
      reasons: [
        ...relationships.emergencies.map(({ reason }) => reason),
        ...report.emergencies.map(({ reason }) => reason),
        ...report.exports.map(({ reason }) => reason),
      ],
      markdown,
    };
  };

  it('is told to who may read it, and is lost to all of them with the patient’s keys', async () => {
    await writeAll();
    const before = await told();
    expect(before.corrections).toEqual(['It was the left arm', 'Left', 'Amended in the letter']);
    expect(before.reasons).toEqual(['Brought in unconscious', 'Brought in unconscious', 'Asked by letter']);
    expect(before.markdown).toContain('Asked by letter');

    await using keys = openPhiAdmin({
      databaseUrl: clinic.config.databaseUrl,
      role: undefined,
      phi: clinic.config.phi,
      clock: () => clinic.clock.now,
    });
    const { code, ...what } = await keys.askToShred(patient.id);
    expect(what).toMatchObject({ corrections: 1, reasons: 2 });
    await keys.shred(patient.id, code);
    clinic.clock.now += clinic.config.phi.cacheMs;

    const after = await told();
    expect(after.corrections).toEqual(Array(3).fill('This was erased.'));
    expect(after.reasons).toEqual(Array(3).fill('This was erased.'));
    patient = await clinic.signIn(patient.id);
    const { id } = await made<RecordExport>(patient, 'record-exports', { format: 'fhir' });
    const record = await patient.browser.get(`/api/v1/record-exports/${id}/content`);
    expect(record.status).toBe(200);
    expect(record.text).toContain('This was erased.');
    expect(record.text).not.toContain('left arm');
  });

  it('cannot be written in the clear by any program, nor moved to somebody else', async () => {
    const other = await clinic.person('sam', 'patient');
    await writeAll();
    await openRecord(other, 'Fell from a ladder');
    const { db } = clinic.database;
    const clear = sql`convert_to('It was the left arm, and so it is written here', 'UTF8')`;
    for (const statement of [
      sql`INSERT INTO correction_requests (organization_id, patient_id, requested_by, about, sealed_statement,
          sealed_proposed, due_at, created_at, updated_at)
        SELECT organization_id, patient_id, requested_by, about, ${clear}, sealed_proposed, due_at, created_at, updated_at
        FROM correction_requests`,
      sql`INSERT INTO correction_requests (organization_id, patient_id, requested_by, about, sealed_statement,
          sealed_proposed, due_at, created_at, updated_at)
        SELECT organization_id, patient_id, requested_by, about, sealed_statement, ${clear}, due_at, created_at, updated_at
        FROM correction_requests`,
      sql`INSERT INTO correction_events (organization_id, request_id, person_id, kind, sealed_note, at)
        SELECT organization_id, request_id, person_id, 'rebut', ${clear}, at FROM correction_events LIMIT 1`,
      sql`UPDATE emergency_accesses SET sealed_reason = ${clear}`,
      sql`UPDATE record_exports SET sealed_reason = ${clear}`,
    ])
      await expect(statement.execute(db)).rejects.toThrow(/sealed_[a-z]+_check/);

    await sql`UPDATE emergency_accesses SET sealed_reason = (
      SELECT sealed_reason FROM emergency_accesses WHERE patient_id = ${patient.id}
    ) WHERE patient_id = ${other.id}`.execute(db);
    const { emergencies } = (await helper.browser.get('/api/v1/relationships')).body as Relationships;
    expect(new Map(emergencies.map(({ patientId, reason }) => [patientId, reason]))).toEqual(
      new Map([
        [patient.id, 'Brought in unconscious'],
        [other.id, 'This cannot be shown.'],
      ]),
    );
  });

  it('is taken by nobody while the key is away, and keeps nobody from ending an access', async () => {
    await writeAll();
    const kek = new TestKek();
    kek.isAway = true;
    const context = { ...contextOf(clinic), phi: createTestPhi({ kek }) };
    const callerOf = ({ id: personId }: Somebody, ...roles: AccountRole[]): Caller => ({
      who: { personId, organizationId: clinic.organizationId, roles },
      sessionHash: '',
      address: undefined,
      requestId: undefined,
    });
    const corrections = new Corrections(context, { answerDays: 60, extensionDays: 30 });
    const request = { ...correctionText, about: 'other' } as const;
    await expect(corrections.ask(callerOf(patient, 'patient'), request, undefined)).rejects.toMatchObject({
      code: 'unavailable',
    });
    const relationships = new RelationshipsOfCore(context);
    const asHelper = callerOf(helper, 'provider');
    const { emergencies } = await relationships.list(asHelper, { withOver: false });
    expect(emergencies.map(({ reason }) => reason)).toEqual(['This cannot be shown right now.']);
    await relationships.endEmergency(asHelper, emergencies[0]?.id ?? '');
    await expect(
      relationships.openInEmergency(asHelper, patient.id, { reason: 'Again', minutes: 5 }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    const { rows } = await sql`SELECT FROM correction_requests UNION ALL SELECT FROM emergency_accesses`.execute(
      clinic.database.db,
    );
    expect(rows).toHaveLength(2);
  });
});
