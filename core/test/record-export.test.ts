import { RecordExport, type VisitTypeId } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic, startVisit } from './support/clinic.ts';
import { setMail, writtenInTheClear } from './support/phi.ts';
import { addProvider, iso, until } from './support/queue.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;

const Bundle = z.object({
  resourceType: z.literal('Bundle'),
  type: z.literal('collection'),
  timestamp: z.iso.datetime(),
  entry: z.array(z.object({ fullUrl: z.url(), resource: z.looseObject({ resourceType: z.string(), id: z.string() }) })),
});

const nothingNull = (value: unknown): boolean =>
  value !== null && (typeof value !== 'object' || value === undefined || Object.values(value).every(nothingNull));

describe('a patient’s record', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let other: Somebody;
  let provider: Somebody;
  let admin: Somebody;
  let desk: Somebody;

  const ask = async (who: Somebody, format: 'fhir' | 'html', change: object = {}): Promise<RecordExport> => {
    const answer = await who.browser.post('/api/v1/record-exports', { format, ...change });
    expect(answer).toMatchObject({ status: 201 });
    return RecordExport.parse(answer.body);
  };
  const fetched = async (who: Somebody, format: 'fhir' | 'html', change: object = {}) => {
    const { id } = await ask(who, format, change);
    const answer = await who.browser.get(`/api/v1/record-exports/${id}/content`);
    expect(answer.status).toBe(200);
    return answer;
  };
  const bundle = async (who: Somebody, change: object = {}) => Bundle.parse((await fetched(who, 'fhir', change)).body);

  /** What the record holds, each in words that stand nowhere else. */
  const CANARIES = {
    name: 'Pat <b>Canary-Name</b> & "Co"',
    mail: 'canary-mail@example.net',
    region: 'DE-BE',
    answer: 'Canary <i>answer</i>',
    label: 'Canary question?',
    payer: 'Canary Payer',
    cancelReason: 'Canary reason of the cancellation',
    message: 'Canary message of the provider',
    specialty: 'Canary specialty',
    statement: 'Canary statement',
    proposed: 'Canary proposal',
    note: 'Canary note of the denial',
  };

  beforeAll(async () => {
    clinic = await startClinic();
    const { db } = clinic.database;
    const { organizationId } = clinic;
    const begun = await startVisit(clinic);
    patient = begun.patient;
    provider = begun.provider;
    other = await clinic.person('sam', 'patient');
    admin = await clinic.person('ada', 'admin');
    desk = await clinic.person('desk', 'front-desk');
    await clinic.ask('sendMessage', {
      ...begun.host,
      clientMessageId: '00000000-0000-4000-8000-0000000000f1',
      text: CANARIES.message,
    });
    await sql`UPDATE people SET display_name = ${CANARIES.name} WHERE id = ${patient.id}`.execute(db);
    await sql`UPDATE patients SET region = ${CANARIES.region} WHERE person_id = ${patient.id}`.execute(db);
    await setMail(clinic, patient.id, CANARIES.mail);
    const payer = await db
      .insertInto('payers')
      .values({ organizationId, key: 'p', name: CANARIES.payer })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`UPDATE visit_types SET intake_questions = ${JSON.stringify([
      { id: 'why', kind: 'text', label: CANARIES.label, required: false },
    ])}`.execute(db);
    const { appointmentId } = await clinic.book({ patient, provider, startsAt: START + DAY_MS });
    await writtenInTheClear(clinic, () =>
      sql`UPDATE appointments SET intake_answers = ${JSON.stringify({ why: CANARIES.answer, fever: false })},
        payer_id = ${payer.id}, patient_region = ${CANARIES.region} WHERE id = ${appointmentId}`.execute(db),
    );
    const cancelled = await provider.browser.post(`/api/v1/appointments/${appointmentId}/cancel`, {
      version: 1,
      reason: CANARIES.cancelReason,
    });
    expect(cancelled.status).toBe(200);
    const special = await addProvider(clinic, 'special');
    await sql`UPDATE providers SET specialty = ${CANARIES.specialty} WHERE person_id = ${special.id}`.execute(db);
    const waiting = await patient.browser.post('/api/v1/waitlist', {
      visitTypeId: clinic.visitTypeId,
      earliestAt: iso(START),
      latestAt: iso(START + 3 * DAY_MS),
      specialty: CANARIES.specialty,
      region: CANARIES.region,
    });
    expect(waiting.status).toBe(201);
    const correction = await patient.browser.post('/api/v1/corrections', {
      about: 'profile',
      statement: CANARIES.statement,
      proposed: CANARIES.proposed,
    });
    const { id } = correction.body as { id: string };
    await admin.browser.post(`/api/v1/corrections/${id}/deny`, {
      version: 1,
      basis: 'accurate-and-complete',
      note: CANARIES.note,
    });
    await db
      .insertInto('notifications')
      .values({
        organizationId,
        personId: patient.id,
        appointmentId: begun.visit.appointmentId,
        kind: 'booked',
        channel: 'email',
        dueAt: new Date(START),
        nextAttemptAt: new Date(START),
        createdAt: new Date(START),
        status: 'sent',
        sentAt: new Date(START),
      })
      .execute();
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('RGT2 is a FHIR R4 Bundle with everything in it', async () => {
    const { entry } = await bundle(patient);
    const types = entry.map(({ resource }) => resource.resourceType);
    for (const type of [
      'Patient',
      'Appointment',
      'Encounter',
      'QuestionnaireResponse',
      'Communication',
      'Task',
      'AuditEvent',
    ])
      expect(types).toContain(type);
    const text = JSON.stringify(entry);
    for (const canary of Object.values(CANARIES)) expect(text).toContain(JSON.stringify(canary).slice(1, -1));
    expect(new Set(entry.map(({ fullUrl }) => fullUrl)).size).toBe(entry.length);
    expect(nothingNull(entry)).toBe(true);
    const urls = new Set(entry.map(({ fullUrl }) => fullUrl));
    for (const [, reference] of text.matchAll(/"reference":"([^"]+)"/g))
      expect(urls).toContain(`${clinic.origin}/fhir/${reference}`);
    const answers = entry.find(({ resource }) => resource.resourceType === 'QuestionnaireResponse')?.resource;
    expect(answers).toMatchObject({
      item: expect.arrayContaining([
        { linkId: 'why', text: CANARIES.label, answer: [{ valueString: CANARIES.answer }] },
        { linkId: 'fever', text: 'fever', answer: [{ valueBoolean: false }] },
      ]),
    });
    const seen = entry.filter(({ resource }) => resource.resourceType === 'AuditEvent').map(({ resource }) => resource);
    expect(JSON.stringify(seen)).toContain('"display":"Name of doc"');
    expect(JSON.stringify(seen)).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${provider.id}`));
  });

  it('RGT2 is a page to read, whole in itself, with nothing that runs', async () => {
    const answer = await fetched(patient, 'html');
    const page = answer.text;
    const readable = page
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
    for (const canary of Object.values(CANARIES)) expect(readable).toContain(canary);
    expect(page).not.toMatch(/<b>|<i>|<script|<img|<link|<iframe|https?:\/\/| on[a-z]+=/i);
    expect(page).toMatch(/This is the end of the record\.<\/p>\n<\/body>\n<\/html>\n$/);
    expect(page).toContain('Europe/Berlin');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-.+sandbox$/);
  });

  it('tells nobody whose it is by its name, and is kept by no cache', async () => {
    for (const format of ['fhir', 'html'] as const) {
      const { headers } = await fetched(patient, format);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="record\.(json|html)"$/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('RGT2 names no other patient of a group session, and repeats none of their words', async () => {
    const { organizationId } = clinic;
    const { db } = clinic.database;
    const group: VisitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'group',
      organizationId,
      name: 'Group',
      durationMinutes: 60,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { seats: 5 },
    });
    const host = await addProvider(clinic, 'host');
    const made = await desk.browser.post('/api/v1/group-sessions', {
      providerId: host.id,
      visitTypeId: group,
      startsAt: iso(START + 2 * DAY_MS),
    });
    const { id, encounterId } = made.body as { id: string; encounterId: string };
    for (const who of [patient, other]) {
      const seat = await who.browser.post('/api/v1/appointments', {
        providerId: host.id,
        visitTypeId: group,
        startsAt: iso(START + 2 * DAY_MS),
        groupAppointmentId: id,
      });
      expect(seat.status).toBe(201);
    }
    const words = [
      [other, 'What the other one said'],
      [patient, 'What I said'],
      [host, 'What the host said'],
    ] as const;
    await writtenInTheClear(clinic, async () => {
      for (const [index, [who, text]] of words.entries())
        await sql`INSERT INTO messages (organization_id, encounter_id, seq, sender_id, client_message_id, text, sent_at)
        VALUES (${organizationId}, ${encounterId}, ${index + 1}, ${who.id}, gen_random_uuid(), ${text}, ${new Date(START)})`.execute(
          db,
        );
    });
    await sql`UPDATE encounters SET last_message_seq = 3 WHERE id = ${encounterId}`.execute(db);
    for (const format of ['fhir', 'html'] as const) {
      const { text } = await fetched(patient, format);
      expect(text).toContain('What I said');
      expect(text).toContain('What the host said');
      expect(text).not.toMatch(/What the other one said|Name of sam/);
      expect(text).not.toContain(other.id);
    }
  });

  it('RGT2 is fetched by whoever asked for it and nobody else; staff say why, and the patient sees that they did', async () => {
    const own = await ask(patient, 'fhir');
    for (const who of [other, admin]) {
      expect((await who.browser.get(`/api/v1/record-exports/${own.id}/content`)).code).toBe('not_found');
      expect((await who.browser.get(`/api/v1/record-exports/${own.id}`)).code).toBe('not_found');
    }
    const tryToAsk = async (who: Somebody, change: object) =>
      (await who.browser.post('/api/v1/record-exports', { format: 'fhir', ...change })).code;
    expect(await tryToAsk(other, { patientId: patient.id, reason: 'x' })).toBe('not_found');
    expect(await tryToAsk(admin, { patientId: patient.id })).toBe('bad_request');
    expect(await tryToAsk(admin, {})).toBe('not_found');
    for (const who of [desk, provider])
      expect(await tryToAsk(who, { patientId: patient.id, reason: 'x' })).toBe('forbidden');
    const before = (await clinic.audit()).length;
    const forPatient = await bundle(admin, { patientId: patient.id, reason: 'Asked for by letter' });
    expect(JSON.stringify(forPatient)).toContain(CANARIES.message);
    expect((await clinic.audit()).slice(before)).toEqual([
      expect.objectContaining({
        action: 'record.export',
        personId: admin.id,
        patientId: patient.id,
        reason: 'on-request',
      }),
      expect.objectContaining({ action: 'record.fetch', personId: admin.id, patientId: patient.id }),
    ]);
    const seen = (await patient.browser.get('/api/v1/me/record-access')).body as { entries: object[] };
    expect(seen.entries).toContainEqual(expect.objectContaining({ name: 'Name of ada', kind: 'exported' }));
  });

  it('RGT2 is a proxy’s to fetch while they are one', async () => {
    const { organizationId, database } = clinic;
    await sql`INSERT INTO patient_proxies (organization_id, patient_id, proxy_id, kind, scopes, valid_from, made_by, made_at)
      VALUES (${organizationId}, ${patient.id}, ${other.id}, 'guardian', '{read}', ${new Date(START)}, ${admin.id}, ${new Date(START)})`.execute(
      database.db,
    );
    const change = { patientId: patient.id, reason: 'Their guardian' };
    expect(JSON.stringify(await bundle(other, change))).toContain(CANARIES.message);
    const made = await ask(other, 'fhir', change);
    const correction = await other.browser.post('/api/v1/corrections', {
      about: 'profile',
      statement: 'x',
      proposed: 'y',
      patientId: patient.id,
    });
    expect(correction.status).toBe(201);
    await sql`UPDATE patient_proxies SET ended_at = ${new Date(START)}`.execute(database.db);
    expect((await other.browser.get(`/api/v1/record-exports/${made.id}/content`)).code).toBe('not_found');
    expect((await other.browser.post('/api/v1/record-exports', { format: 'fhir', ...change })).code).toBe('not_found');
  });

  it('is there for a day, and asked for not without end', async () => {
    const made = await ask(other, 'html');
    clinic.clock.now += DAY_MS;
    const later = await clinic.signIn(other.id);
    expect((await later.browser.get(`/api/v1/record-exports/${made.id}/content`)).code).toBe('export_over');
    const key = { 'idempotency-key': 'export-once' };
    const first = await later.browser.post('/api/v1/record-exports', { format: 'fhir' }, key);
    expect((await later.browser.post('/api/v1/record-exports', { format: 'fhir' }, key)).body).toEqual(first.body);
    for (let count = 1; count < 20; count += 1) await ask(later, 'fhir');
    expect((await later.browser.post('/api/v1/record-exports', { format: 'fhir' })).code).toBe('too_many_exports');
    clinic.clock.now -= DAY_MS;
  });

  it('is read a page at a time, however long it is, and is whole', async () => {
    const { visit, patient: writer } = await startVisit(clinic, { patient: 'writer', provider: 'listener' });
    const COUNT = 1_000;
    await writtenInTheClear(clinic, () =>
      sql`INSERT INTO messages (organization_id, encounter_id, seq, sender_id, client_message_id, text, sent_at)
        SELECT ${clinic.organizationId}, ${visit.encounterId}, seq, ${writer.id}, gen_random_uuid(),
          'message ' || seq || repeat('x', 2000), ${new Date(START)}::timestamptz
        FROM generate_series(1, ${COUNT}) AS seq`.execute(clinic.database.db),
    );
    await sql`UPDATE encounters SET last_message_seq = ${COUNT} WHERE id = ${visit.encounterId}`.execute(
      clinic.database.db,
    );
    const { entry } = await bundle(writer);
    const texts = entry.flatMap(({ resource }) =>
      resource.resourceType === 'Communication' ? [JSON.stringify(resource.payload)] : [],
    );
    expect(new Set(texts).size).toBe(COUNT);
    // Somebody who reads the beginning and goes leaves nothing running.
    for (let count = 0; count < 8; count += 1) {
      const { id } = await ask(writer, 'fhir');
      const leaving = new AbortController();
      const response = await fetch(`${clinic.origin}/api/v1/record-exports/${id}/content`, {
        headers: { cookie: `bedside_session=${writer.cookie}` },
        signal: leaving.signal,
      });
      await response.body?.getReader().read();
      leaving.abort();
      expect((await writer.browser.get(`/api/v1/record-exports/${id}`)).body).not.toHaveProperty('fetchedAt');
    }
    await until(async () => {
      const { id } = await ask(writer, 'html');
      const answer = await writer.browser.get(`/api/v1/record-exports/${id}/content`);
      return answer.status === 200 ? true : undefined;
    });
  });
});
