import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { startTestServer } from '@bedside/ops/postgres-testing';
import type { Appointment, Correction, Hold } from '@bedside/protocol';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Db } from '../src/db/database.ts';
import { DAY_MS, iso, NEXT_MONDAY, openHours } from './support/booking.ts';
import { startClinic, startVisit } from './support/clinic.ts';

/** A word as it would stand in a file: itself, in hexadecimal, in base64 at each of its three places. */
const formsOf = (word: string): Buffer[] => [
  Buffer.from(word),
  Buffer.from(Buffer.from(word).toString('hex')),
  ...[0, 1, 2].map((shift) => {
    const text = Buffer.from(' '.repeat(shift) + word).toString('base64');
    return Buffer.from(text.slice(shift === 0 ? 0 : 4, text.length - 4));
  }),
];

const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

/** Which words stand in which files, in any form. */
const find = async (folder: string, wanted: readonly string[]): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>(wanted.map((word) => [word, []]));
  for (const file of await filesOf(folder)) {
    const bytes = await readFile(file);
    for (const word of wanted)
      if (formsOf(word).some((form) => bytes.includes(form))) found.get(word)?.push(file.slice(folder.length + 1));
  }
  return found;
};

/** Every row of every table as text, as a dump has them. */
const dump = async (db: Db): Promise<string> => {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`.execute(db);
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`SELECT one::text AS row FROM ${sql.raw(name)} AS one`.execute(db);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
};

describe('a copy of the database', () => {
  it('tells nothing of what is sealed: neither its files, nor its log, nor a dump', async () => {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(await makeTempDir());
    const postgres = await startTestServer(folder);
    stack.defer(() => postgres.close());
    const clinic = stack.use(await startClinic(async () => ({}), { server: postgres }));
    const words = {
      message: 'CANARY-message-mlwq',
      answer: 'CANARY-answer-zrte',
      moved: 'CANARY-moved-because-hjkp',
      cancelled: 'CANARY-cancelled-because-ovbn',
      contact: 'canary-contact-yxcv@example.net',
      identifier: '123-45-6789-CANARY',
      statement: 'CANARY-written-wrongly-wqpx',
      proposed: 'CANARY-to-say-instead-bnmt',
      note: 'CANARY-was-amended-fdsa',
      emergency: 'CANARY-unconscious-uytr',
      exported: 'CANARY-asked-by-letter-lkjh',
    };
    const { patient, provider, guest } = await startVisit(clinic);
    const desk = await clinic.person('desk', 'front-desk');
    await clinic.ask('sendMessage', { ...guest, clientMessageId: randomUUID(), text: words.message });
    await clinic.core.provisioning.upsertPerson({
      key: 'pat',
      organizationId: clinic.organizationId,
      displayName: 'CANARY-name-in-the-clear',
      timeZone: 'Europe/Berlin',
      roles: ['patient'],
      identities: [],
      contacts: { email: words.contact },
    });
    await openHours(clinic, provider.id, { startsAt: '10:00', endsAt: '16:00' });
    const visitTypeId = await clinic.core.provisioning.upsertVisitType({
      key: 'asked',
      organizationId: clinic.organizationId,
      name: 'Asked',
      durationMinutes: 30,
      earlyEntryMinutes: 15,
      lateEntryMinutes: 60,
      settings: { intakeQuestions: [{ id: 'reason', label: 'Why?', kind: 'text', required: true }] },
    });
    const at = NEXT_MONDAY + DAY_MS;
    const held = await patient.browser.post('/api/v1/holds', {
      providerId: provider.id,
      visitTypeId,
      startsAt: iso(at),
    });
    const { id, token } = held.body as Hold;
    const booked = await patient.browser.post('/api/v1/appointments', {
      holdId: id,
      token,
      answers: { reason: words.answer },
    });
    expect(booked.status).toBe(201);
    const visit = booked.body as Appointment;
    const moved = await desk.browser.post(`/api/v1/appointments/${visit.id}/reschedule`, {
      version: visit.version,
      startsAt: iso(at + DAY_MS),
      reason: words.moved,
    });
    expect(moved.status).toBe(201);
    const { id: movedId, version } = moved.body as Appointment;
    const cancelled = await desk.browser.post(`/api/v1/appointments/${movedId}/cancel`, {
      version,
      reason: words.cancelled,
    });
    expect(cancelled.status).toBe(200);
    const identified = await desk.browser.post(`/api/v1/patients/${patient.id}/identifiers`, {
      system: 'ssn',
      value: words.identifier,
    });
    expect(identified.status).toBe(201);

    const asked = await patient.browser.post('/api/v1/corrections', {
      about: 'other',
      statement: words.statement,
      proposed: words.proposed,
    });
    expect(asked.status).toBe(201);
    const correction = asked.body as Correction;
    const keeper = await clinic.person('keeper', 'admin');
    const amended = await keeper.browser.post(`/api/v1/corrections/${correction.id}/accept`, {
      version: correction.version,
      note: words.note,
    });
    expect(amended.status).toBe(200);
    const opened = await provider.browser.post(`/api/v1/patients/${patient.id}/emergency-access`, {
      reason: words.emergency,
    });
    expect(opened.status).toBe(201);
    const exported = await keeper.browser.post('/api/v1/record-exports', {
      format: 'fhir',
      patientId: patient.id,
      reason: words.exported,
    });
    expect(exported.status).toBe(201);

    const { db } = clinic.database;
    const text = await dump(db);
    await sql`CHECKPOINT`.execute(db);
    const known = 'CANARY-name-in-the-clear';
    const found = await find(join(folder, 'postgres'), [...Object.values(words), known]);
    // The search finds what is there: in the table's file and in the write-ahead log.
    expect(text).toContain(known);
    const places = found.get(known) ?? [];
    expect(places.some((file) => file.includes('pg_wal'))).toBe(true);
    expect(places.some((file) => file.includes('base'))).toBe(true);
    for (const word of Object.values(words)) {
      expect(found.get(word)).toEqual([]);
      for (const form of formsOf(word)) expect(text.includes(form.toString())).toBe(false);
    }
  }, 120_000);
});
