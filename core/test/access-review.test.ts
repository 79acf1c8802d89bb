import { randomUUID } from 'node:crypto';
import { AccessReviewList } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessReviewAdmin, openAccessReviewAdmin } from '../src/index.ts';
import type { AccessReviewReport } from '../src/rights/review/model.ts';
import { type Clinic, MINUTE_MS, type Somebody, startClinic, startVisit } from './support/clinic.ts';
import { openInEmergency } from './support/phi.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;
const bytes = (text: string) => new TextEncoder().encode(text);

describe('an access review', () => {
  let clinic: Clinic;
  let reviews: AccessReviewAdmin;
  let keeper: Somebody;
  let patient: Somebody;
  let provider: Somebody;
  let other: Somebody;
  const period = () => ({
    organizationKey: undefined,
    from: new Date(clinic.clock.now - DAY_MS),
    to: new Date(clinic.clock.now + DAY_MS),
  });
  const make = async () => {
    const made = await reviews.make(period());
    return { ...made, report: JSON.parse(made.json) as AccessReviewReport };
  };
  beforeAll(async () => {
    clinic = await startClinic();
    ({ patient, provider } = await startVisit(clinic));
    keeper = await clinic.person('cora', 'compliance');
    other = await clinic.person('idle', 'provider');
    const desk = await clinic.person('desk', 'front-desk');
    await desk.browser.get('/api/v1/patients?search=name%20of%20pat');
    for (let count = 0; count < 10; count += 1) await provider.browser.get('/api/v1/audit/events');
    // Somebody's hand in the trail: a provider who looked at a record of whom nothing connects them with.
    await clinic.database.db
      .insertInto('auditEvents')
      .values({
        at: new Date(clinic.clock.now),
        organizationId: clinic.organizationId,
        personId: provider.id,
        role: 'provider',
        action: 'encounter.read',
        resourceType: 'encounter',
        resourceId: null,
        patientId: desk.id,
        encounterId: null,
        outcome: 'success',
        reason: null,
        address: null,
        requestId: null,
      })
      .execute();
    reviews = openAccessReviewAdmin({
      databaseUrl: clinic.config.databaseUrl,
      role: undefined,
      phi: clinic.config.phi,
      clock: () => clinic.clock.now,
    });
  });
  afterAll(async () => {
    await reviews[Symbol.asyncDispose]();
    await clinic[Symbol.asyncDispose]();
  });

  it('tells who could see what and who did, by how they stood to the patient', async () => {
    const { report, markdown } = await make();
    const accounts = new Map(report.accounts.map((account) => [account.id, account]));
    expect([...accounts.keys()]).not.toContain(patient.id);
    expect(report.patientAccounts).toMatchObject({ active: 1 });
    expect(accounts.get(provider.id)).toMatchObject({ name: 'Name of doc', roles: ['provider'], isActive: true });
    const activity = accounts.get(provider.id)?.activity ?? [];
    expect(activity).toContainEqual(
      expect.objectContaining({ action: 'encounter.admit', relation: 'visit', done: 1, denied: 0, patients: 1 }),
    );
    expect(activity).toContainEqual(
      expect.objectContaining({ action: 'audit.read', relation: 'no-patient', done: 0, denied: 10 }),
    );
    expect(report.rights.compliance).toContain('audit.read');
    expect(markdown).toContain('| Name of doc | encounter.admit | visit | 1 | 0 | 1 |');
    expect(markdown).not.toContain('Name of pat');
  });

  it('points at what somebody has to look at', async () => {
    const { report } = await make();
    const found = report.findings.map(({ kind, personId }) => [kind, personId]);
    expect(found).toContainEqual(['dormant', other.id]);
    expect(found).toContainEqual(['many-denials', provider.id]);
    expect(found).toContainEqual(['no-relation', provider.id]);
    expect(found).not.toContainEqual(['dormant', provider.id]);
  });

  it('tells of break-glass and of relationships that were in force', async () => {
    const { db } = clinic.database;
    const { organizationId } = clinic;
    const [from, to] = [new Date(clinic.clock.now), new Date(clinic.clock.now + 60 * MINUTE_MS)];
    const opened = { organizationId, patientId: patient.id, personId: other.id, validFrom: from, validTo: to };
    await openInEmergency(clinic, { ...opened, reason: 'Unconscious' });
    await sql`INSERT INTO provider_covers (organization_id, provider_id, covering_id, valid_from, valid_to, made_by, made_at)
      VALUES (${organizationId}, ${provider.id}, ${other.id}, ${from}, ${to}, ${provider.id}, ${from})`.execute(db);
    const { report, markdown } = await make();
    expect(report.emergencies).toEqual([
      {
        personId: other.id,
        patientId: patient.id,
        reason: 'Unconscious',
        from: from.toISOString(),
        to: to.toISOString(),
      },
    ]);
    expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'break-glass', personId: other.id }));
    expect(report.relationships).toMatchObject([{ kind: 'cover', personId: other.id, ofId: provider.id }]);
    expect(markdown).toContain('| Name of idle |');
    const before = await reviews.make({ ...period(), to: new Date(clinic.clock.now - MINUTE_MS) });
    expect((JSON.parse(before.json) as AccessReviewReport).emergencies).toEqual([]);
  });

  it('RGT4 is signed for one file, byte for byte, by somebody whose task it is, once', async () => {
    const made = await make();
    const sign = (file: string, by: string) => reviews.signOff({ file: bytes(file), by, remark: 'Looked at' });
    await expect(sign(made.json.replace('"done": 1', '"done": 2'), 'cora')).rejects.toThrow(/was changed/);
    await expect(sign(`${made.json} `, 'cora')).rejects.toThrow(/was changed/);
    for (const nobody of ['doc', 'pat', 'nobody']) await expect(sign(made.json, nobody)).rejects.toThrow(/--by/);
    await sign(made.json, 'cora');
    await expect(sign(made.json, keeper.id)).rejects.toThrow(/before/);
    const list = AccessReviewList.parse((await keeper.browser.get('/api/v1/access-reviews')).body);
    expect(list.reviews.find(({ id }) => id === made.id)).toMatchObject({
      findings: made.findings,
      signatures: [{ by: { id: keeper.id, displayName: 'Name of cora' }, remark: 'Looked at' }],
    });
    const trail = (await clinic.audit()).filter((row) => row.action.startsWith('access-review.'));
    expect(trail.map((row) => [row.action, row.personId])).toContainEqual(['access-review.sign', keeper.id]);
    const { db } = clinic.database;
    for (const change of [sql`UPDATE access_reviews SET findings = 0`, sql`DELETE FROM access_review_signatures`])
      await expect(change.execute(db)).rejects.toThrow(/append-only/);
  });

  it('RGT4 is signed over HTTP as well, and seen by compliance alone', async () => {
    const made = await make();
    const sha256 = (
      await clinic.database.db
        .selectFrom('accessReviews')
        .where('id', '=', made.id)
        .select('sha256')
        .executeTakeFirstOrThrow()
    ).sha256;
    const path = `/api/v1/access-reviews/${made.id}/sign`;
    expect(await keeper.browser.post(path, { sha256: 'f'.repeat(64) })).toMatchObject({ code: 'bad_request' });
    const once = { 'idempotency-key': randomUUID() };
    const signing = await Promise.all([1, 2].map(() => keeper.browser.post(path, { sha256, remark: 'Seen' }, once)));
    expect(signing.map(({ status }) => status)).toEqual([204, 204]);
    // Asked again because the answer was lost, with the key or without it: as the first time.
    expect((await keeper.browser.post(path, { sha256, remark: 'Seen' }, once)).status).toBe(204);
    expect((await keeper.browser.post(path, { sha256, remark: 'Seen' })).status).toBe(204);
    expect(await keeper.browser.post(path, { sha256, remark: 'Other' }, once)).toMatchObject({
      code: 'idempotency_conflict',
    });
    for (const change of [{}, { remark: 'Other' }])
      expect(await keeper.browser.post(path, { sha256, ...change })).toMatchObject({ code: 'transition_refused' });
    const list = AccessReviewList.parse((await keeper.browser.get('/api/v1/access-reviews')).body);
    expect(list.reviews.find(({ id }) => id === made.id)?.signatures).toHaveLength(1);
    const trail = (await clinic.audit()).filter((row) => row.action === 'access-review.sign' && row.role !== 'system');
    expect(trail).toHaveLength(1);
    for (const who of [patient, provider]) {
      expect(await who.browser.get('/api/v1/access-reviews')).toMatchObject({ code: 'forbidden' });
      expect(await who.browser.post(path, { sha256 })).toMatchObject({ code: 'forbidden' });
    }
  });

  it('is of one organization', async () => {
    await clinic.core.provisioning.upsertOrganization({ key: 'b', name: 'B', timeZone: 'UTC' });
    await expect(reviews.make(period())).rejects.toThrow(/--organization/);
    const { json } = await reviews.make({ ...period(), organizationKey: 'b' });
    expect((JSON.parse(json) as AccessReviewReport).accounts).toEqual([]);
  });
});
