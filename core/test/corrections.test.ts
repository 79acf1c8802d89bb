import { Correction, CorrectionPage } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BookedVisit, type Clinic, MINUTE_MS, type Somebody, startClinic } from './support/clinic.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;

describe('requests for correction', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let other: Somebody;
  let admin: Somebody;
  let provider: Somebody;
  let visit: BookedVisit;
  const request = { about: 'profile', statement: 'My name is misspelt', proposed: 'Patricia' };
  const ask = async (change: object = {}, who = patient): Promise<Correction> => {
    const answer = await who.browser.post('/api/v1/corrections', { ...request, ...change });
    expect(answer).toMatchObject({ status: 201 });
    return Correction.parse(answer.body);
  };
  const act = (who: Somebody, { id, version }: Correction, name: string, body: object = {}) =>
    who.browser.post(`/api/v1/corrections/${id}/${name}`, { version, ...body });
  const done = async (answer: ReturnType<typeof act>): Promise<Correction> => {
    const { status, body } = await answer;
    expect(status).toBe(200);
    return Correction.parse(body);
  };
  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    other = await clinic.person('sam', 'patient');
    admin = await clinic.person('ada', 'admin', 'patient');
    provider = await clinic.person('doc', 'provider');
    visit = await clinic.book({ patient, provider });
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  it('RGT3 are accepted with a note of what was amended, and the whole course is told and audited', async () => {
    const asked = await ask();
    expect(asked).toMatchObject({
      status: 'requested',
      statement: request.statement,
      dueAt: new Date(clinic.clock.now + 60 * DAY_MS).toISOString(),
      isOverdue: false,
    });
    const put = await done(act(admin, asked, 'extend', { note: 'The archive is closed' }));
    expect(put).toMatchObject({ extended: true, dueAt: new Date(clinic.clock.now + 90 * DAY_MS).toISOString() });
    const accepted = await done(act(admin, put, 'accept', { note: 'The name was changed' }));
    expect(accepted.status).toBe('accepted');
    const read = Correction.parse((await patient.browser.get(`/api/v1/corrections/${asked.id}`)).body);
    expect(read.history.map(({ act: what, note, by }) => [what, note, by.id])).toEqual([
      ['request', undefined, patient.id],
      ['extend', 'The archive is closed', admin.id],
      ['accept', 'The name was changed', admin.id],
    ]);
    const trail = (await clinic.audit()).filter((row) => row.action.startsWith('correction.'));
    expect(trail.map((row) => [row.action, row.patientId === patient.id])).toEqual(
      ['ask', 'extend', 'accept', 'read'].map((verb) => [`correction.${verb}`, true]),
    );
  });

  it('RGT3 are denied on a ground the law knows; the disagreement stays with them', async () => {
    const asked = await ask({ about: 'visit', aboutId: visit.encounterId });
    expect((await act(admin, asked, 'deny', { note: 'No' })).status).toBe(400);
    const denied = await done(act(admin, asked, 'deny', { note: 'It is right', basis: 'accurate-and-complete' }));
    expect(denied).toMatchObject({ status: 'denied', denialBasis: 'accurate-and-complete' });
    const disagreed = await done(act(patient, denied, 'disagree', { note: 'It is not' }));
    const rebutted = await done(act(admin, disagreed, 'rebut', { note: 'See the letter of May' }));
    expect(rebutted).toMatchObject({ status: 'rebutted', denialBasis: 'accurate-and-complete' });
    expect(await act(patient, rebutted, 'withdraw')).toMatchObject({ code: 'transition_refused' });
    expect(await act(patient, denied, 'disagree', { note: 'x' })).toMatchObject({ code: 'version_conflict' });
  });

  it('say which are late, to those who have to answer', async () => {
    const asked = await ask();
    const { now } = clinic.clock;
    clinic.clock.now = Date.parse(asked.dueAt) + 1;
    const keeper = await clinic.signIn(admin.id);
    const page = CorrectionPage.parse((await keeper.browser.get('/api/v1/corrections?open=true')).body);
    expect(page.corrections.find(({ id }) => id === asked.id)).toMatchObject({ isOverdue: true });
    expect(await act(keeper, asked, 'extend', { note: 'x' })).toMatchObject({ code: 'transition_refused' });
    clinic.clock.now = now;
    await done(act(patient, asked, 'withdraw'));
  });

  it('API4 are nobody else’s, and about nothing of somebody else’s; who keeps records does not decide on their own', async () => {
    const asked = await ask();
    for (const who of [other, provider])
      for (const path of [`/api/v1/corrections/${asked.id}`])
        expect((await who.browser.get(path)).status).toBe(who === other ? 404 : 403);
    for (const name of ['withdraw', 'disagree'])
      expect((await act(other, asked, name, name === 'withdraw' ? {} : { note: 'x' })).status).toBe(404);
    for (const name of ['accept', 'extend'])
      expect((await act(patient, asked, name, { note: 'x' })).code).toBe('forbidden');
    expect(await act(admin, asked, 'withdraw')).toMatchObject({ status: 404 });
    expect(CorrectionPage.parse((await other.browser.get('/api/v1/corrections')).body).corrections).toEqual([]);
    const tryToAsk = async (who: Somebody, change: object) =>
      (await who.browser.post('/api/v1/corrections', { ...request, ...change })).code;
    expect(await tryToAsk(other, { about: 'visit', aboutId: visit.encounterId })).toBe('not_found');
    expect(await tryToAsk(other, { about: 'appointment', aboutId: visit.appointmentId })).toBe('not_found');
    expect(await tryToAsk(other, { patientId: patient.id })).toBe('not_found');
    expect(await tryToAsk(patient, { about: 'visit' })).toBe('bad_request');
    expect(await tryToAsk(patient, { aboutId: visit.encounterId })).toBe('bad_request');
    const own = await ask({}, admin);
    expect(await act(admin, own, 'accept', { note: 'x' })).toMatchObject({ code: 'forbidden' });
  });

  it('SCH5 are made once whoever asks again, and not without end', async () => {
    const key = { 'idempotency-key': 'correct-once' };
    const first = await other.browser.post('/api/v1/corrections', request, key);
    expect((await other.browser.post('/api/v1/corrections', request, key)).body).toEqual(first.body);
    for (let count = 1; count < 20; count += 1) await ask({}, other);
    expect((await other.browser.post('/api/v1/corrections', request)).code).toBe('too_many_corrections');
    const seen = new Set<string>();
    let cursor = '';
    do {
      const page = CorrectionPage.parse((await admin.browser.get(`/api/v1/corrections${cursor}`)).body);
      for (const { id } of page.corrections) seen.add(id);
      cursor = page.next === undefined ? '' : `?cursor=${page.next}`;
    } while (cursor !== '');
    const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM correction_requests`.execute(
      clinic.database.db,
    );
    expect(seen.size).toBe(rows[0]?.count);
  });

  it('RGT3 stand as they were written, whoever writes to the tables', async () => {
    const { db } = clinic.database;
    for (const statement of [
      sql`UPDATE correction_requests SET sealed_statement = sealed_proposed`,
      sql`DELETE FROM correction_requests`,
      sql`UPDATE correction_events SET sealed_note = NULL`,
      sql`DELETE FROM correction_events`,
    ])
      await expect(statement.execute(db)).rejects.toThrow(/stays as they wrote it|append-only/);
  });
});
