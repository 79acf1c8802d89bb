import { AuditPage, AuditStatus, RecordAccessPage } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, MINUTE_MS, type Somebody, startClinic, startVisit } from './support/clinic.ts';

describe('reading the audit trail', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let patient: Somebody;
  let provider: Somebody;
  const page = async (who: Somebody, query = ''): Promise<AuditPage> =>
    AuditPage.parse((await who.browser.get(`/api/v1/audit/events${query}`)).body);
  beforeAll(async () => {
    clinic = await startClinic();
    admin = await clinic.person('ada', 'admin');
    ({ patient, provider } = await startVisit(clinic));
    await startVisit(clinic, { patient: 'other', provider: 'else' });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('finds what concerns a patient, a person, or a span of time, with names', async () => {
    const ofPatient = await page(admin, `?patientId=${patient.id}`);
    expect(ofPatient.events.length).toBeGreaterThan(3);
    for (const event of ofPatient.events) expect(event.patient).toEqual({ id: patient.id, displayName: 'Name of pat' });
    const ofPerson = await page(admin, `?personId=${provider.id}`);
    expect(ofPerson.events.map(({ action }) => action)).toContain('encounter.admit');
    for (const event of ofPerson.events) expect(event.person?.displayName).toBe('Name of doc');
    const now = new Date(clinic.clock.now).toISOString();
    const later = new Date(clinic.clock.now + MINUTE_MS).toISOString();
    expect((await page(admin, `?from=${later}`)).events).toEqual([]);
    expect((await page(admin, `?to=${now}`)).events).toEqual([]);
    expect((await page(admin, `?from=${now}&to=${later}&limit=5`)).events).toHaveLength(5);
  });

  it('goes through all of it a page at a time, each event once, newest first', async () => {
    const ids: string[] = [];
    let query = '?limit=7';
    for (let next: string | null = ''; next !== null; query = `?limit=7&before=${next}`) {
      const some: AuditPage = await page(admin, query);
      ids.push(...some.events.map(({ id }) => id));
      next = some.next;
      if (next === null) break;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((a, b) => b - a));
    expect(ids.at(-1)).toBe('1');
  });

  it('is itself in the trail, with the patient who was looked for', async () => {
    await page(admin, `?patientId=${patient.id}&limit=1`);
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'audit.read',
      personId: admin.id,
      patientId: patient.id,
      role: 'admin',
    });
    const overseer = await clinic.person('overseer', 'compliance');
    await page(overseer, '?limit=1');
    expect((await clinic.audit()).at(-1)).toMatchObject({ personId: overseer.id, role: 'compliance' });
  });

  it('is refused to everybody else, and that is written down', async () => {
    for (const somebody of [patient, provider]) {
      expect(await somebody.browser.get('/api/v1/audit/events')).toMatchObject({ status: 403, code: 'forbidden' });
      expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'audit.read', outcome: 'denied' });
    }
    expect(await admin.browser.get('/api/v1/audit/events?limit=1000')).toMatchObject({ status: 400 });
    expect(await admin.browser.get('/api/v1/audit/events?before=x')).toMatchObject({ status: 400 });
  });

  it('gives a copy for a purpose that stands in the trail, and only to those who watch over it', async () => {
    const request = { patientId: patient.id, purpose: 'legal' };
    const { status, text } = await admin.browser.post('/api/v1/audit/export', request);
    expect(status).toBe(200);
    const [head, ...lines] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^id,at,person,/);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line).toContain(patient.id);
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'audit.export',
      personId: admin.id,
      patientId: patient.id,
      reason: 'legal',
    });
    expect(await admin.browser.post('/api/v1/audit/export', { purpose: 'because' })).toMatchObject({ status: 400 });
    for (const somebody of [patient, provider]) {
      expect(await somebody.browser.post('/api/v1/audit/export', request)).toMatchObject({ status: 403 });
      expect(await somebody.browser.get('/api/v1/audit/status')).toMatchObject({ status: 403 });
    }
  });

  it('says how far the trail is sealed', async () => {
    const read = async () => AuditStatus.parse((await admin.browser.get('/api/v1/audit/status')).body);
    const before = await read();
    expect(before.heads === 0).toBe(before.sealedAt === null);
    await page(admin);
    const after = await read();
    expect(after.heads * 10_000 + after.unsealed).toBeGreaterThan(before.heads * 10_000 + before.unsealed);
  });

  it('shows nothing of another organization', async () => {
    const elsewhere = await clinic.core.provisioning.upsertOrganization({ key: 'b', name: 'B', timeZone: 'UTC' });
    const events = (await page(admin, '?limit=200')).events;
    expect(events.some(({ resource }) => resource.id === clinic.organizationId)).toBe(true);
    expect(events.some(({ resource }) => resource.id === elsewhere)).toBe(false);
  });
});

describe('who saw my record', () => {
  it('tells a patient when, who by name and capacity, and what kind of act; nothing else', async () => {
    await using clinic = await startClinic();
    const { patient } = await startVisit(clinic);
    const stranger = await clinic.person('sam', 'patient');
    const answer = await patient.browser.get('/api/v1/me/record-access');
    const { entries, next } = RecordAccessPage.parse(answer.body);
    expect(next).toBeNull();
    expect(entries).toContainEqual({
      at: new Date(clinic.clock.now).toISOString(),
      name: 'Name of doc',
      role: 'provider',
      kind: 'visited',
    });
    expect(entries.map(({ name }) => name)).not.toContain('Name of pat');
    expect(answer.text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|127\.0\.0\.1|::1/);
    expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'record.access', personId: patient.id });
    expect(RecordAccessPage.parse((await stranger.browser.get('/api/v1/me/record-access')).body).entries).toEqual([]);
  });
});
