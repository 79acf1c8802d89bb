import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import type { ChatMessage, EncounterId, IntakeAnswers } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPhiAdmin } from '../src/phi/admin.ts';
import { personOwner } from '../src/phi/owner.ts';
import { answersPlace } from '../src/scheduling/sealed-answers.ts';
import {
  type BookedVisit,
  type Clinic,
  type Somebody,
  startClinic,
  startSecondCore,
  startVisit,
} from './support/clinic.ts';
import { createTestPhi, openSealed, TestKek } from './support/phi.ts';

const THREAD = (visit: BookedVisit) => `/api/v1/encounters/${visit.encounterId}/messages`;

describe('what is kept of patients', () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await startClinic();
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  const thread = async (who: Somebody, visit: BookedVisit): Promise<ChatMessage[]> => {
    const answer = await who.browser.get(THREAD(visit));
    expect(answer.status).toBe(200);
    return (answer.body as { messages: ChatMessage[] }).messages;
  };
  const say = (holder: Parameters<Clinic['ask']>[1], text: string) =>
    clinic.ask('sendMessage', { ...(holder as object), clientMessageId: randomUUID(), text } as never);
  /** Longer than any key stays in memory. */
  const forgetKeys = () => {
    clinic.clock.now += clinic.config.phi.cacheMs;
  };
  const admin = () =>
    openPhiAdmin({
      databaseUrl: clinic.config.databaseUrl,
      role: undefined,
      phi: clinic.config.phi,
      clock: () => clinic.clock.now,
    });

  it('is read by who may, and stands nowhere in the clear', async () => {
    const { patient, provider, visit, guest, host } = await startVisit(clinic);
    await say(guest, 'CANARY-fever');
    await say(host, 'CANARY-rest');
    for (const who of [patient, provider])
      expect((await thread(who, visit)).map((message) => message.text)).toEqual(['CANARY-fever', 'CANARY-rest']);
    forgetKeys();
    expect((await thread(patient, visit)).map((message) => message.text)).toEqual(['CANARY-fever', 'CANARY-rest']);
    const { rows } = await sql<{ row: string }>`SELECT messages::text AS row FROM messages`.execute(clinic.database.db);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('CANARY');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('CANARY').toString('hex'));
    // Both are the patient's: one key.
    expect(await clinic.database.db.selectFrom('dataKeys').select(['personId', 'version']).execute()).toEqual([
      { personId: patient.id, version: 1 },
    ]);
  });

  it('cannot be written in the clear by any program', async () => {
    const { visit, guest } = await startVisit(clinic);
    await say(guest, 'sealed');
    await expect(
      sql`UPDATE messages SET text = 'clear', sealed_text = NULL`.execute(clinic.database.db),
    ).rejects.toThrow(/messages takes what is sealed alone/);
    await expect(
      sql`UPDATE appointments SET intake_answers = '{"a": "clear"}' WHERE id = ${visit.appointmentId}`.execute(
        clinic.database.db,
      ),
    ).rejects.toThrow(/appointments takes what is sealed alone/);
    await expect(sql`UPDATE appointments SET cancel_reason = 'clear'`.execute(clinic.database.db)).rejects.toThrow(
      /takes what is sealed alone/,
    );
  });

  it('is refused where it was moved: to another row, another visit, another patient, another column', async () => {
    const one = await startVisit(clinic, { patient: 'pat-1', provider: 'doc-1' });
    const other = await startVisit(clinic, { patient: 'pat-2', provider: 'doc-2' });
    for (const text of ['first', 'second']) await say(one.guest, text);
    await say(other.guest, 'elsewhere');
    const shown = async (who: Somebody, visit: BookedVisit) =>
      (await thread(who, visit)).map((message) => message.unreadable ?? message.text);
    const { db } = clinic.database;

    // Another row of the same thread.
    const swap = sql`UPDATE messages SET sealed_text = given.sealed_text FROM messages AS given
      WHERE messages.encounter_id = ${one.visit.encounterId} AND given.encounter_id = messages.encounter_id
        AND given.id <> messages.id`;
    await swap.execute(db);
    expect(await shown(one.patient, one.visit)).toEqual(['altered', 'altered']);
    await swap.execute(db);
    expect(await shown(one.patient, one.visit)).toEqual(['first', 'second']);

    // Another patient's thread: the value alone, then the whole row.
    await sql`UPDATE messages SET sealed_text = (SELECT sealed_text FROM messages
        WHERE encounter_id = ${one.visit.encounterId} AND seq = 1)
      WHERE encounter_id = ${other.visit.encounterId}`.execute(db);
    expect(await shown(other.patient, other.visit)).toEqual(['altered']);
    await sql`UPDATE messages SET encounter_id = ${other.visit.encounterId}, sender_id = ${other.patient.id}, seq = 7
      WHERE encounter_id = ${one.visit.encounterId} AND seq = 2`.execute(db);
    expect(await shown(other.patient, other.visit)).toEqual(['altered', 'altered']);

    // With the patient's own key under another's name.
    await sql`UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE person_id = ${one.patient.id})
      WHERE person_id = ${other.patient.id}`.execute(db);
    forgetKeys();
    expect(await shown(other.patient, other.visit)).toEqual(['altered', 'altered']);

    // Another column.
    await sql`UPDATE appointments SET intake_answers = to_jsonb(encode(
        (SELECT sealed_text FROM messages WHERE encounter_id = ${one.visit.encounterId} LIMIT 1), 'base64'))
      WHERE id = ${one.visit.appointmentId}`.execute(db);
    const { rows } = await sql<{ answers: string }>`SELECT intake_answers #>> '{}' AS answers FROM appointments
      WHERE id = ${one.visit.appointmentId}`.execute(db);
    await expect(
      openSealed(clinic, {
        owner: personOwner(clinic.organizationId, one.patient.id),
        place: answersPlace({ appointmentId: one.visit.appointmentId }),
        sealed: Buffer.from(rows[0]?.answers ?? '', 'base64'),
      }),
    ).rejects.toThrow('altered');
  });

  it('cannot be had while the key is away, and everything else can; then it comes back', async () => {
    const { patient, provider, visit, guest } = await startVisit(clinic);
    await say(guest, 'before');
    const { keyFile } = clinic.config.phi;
    // A process that starts then, and knows no key yet.
    await rename(keyFile, `${keyFile}.away`);
    await using other = await startSecondCore(clinic);
    await expect(
      other.ask('sendMessage', { ...guest, clientMessageId: randomUUID(), text: 'lost?' }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await expect(other.ask('listMessages', guest)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await clinic.database.db.selectFrom('messages').select('seq').execute()).toHaveLength(1);
    // Nobody is kept from the visit.
    const late = await clinic.grant(provider, visit);
    expect(
      await other.ask('redeemGrant', { grantId: late.id, encounterId: visit.encounterId, personId: provider.id }),
    ).toMatchObject({ messages: [{ unreadable: 'unavailable', text: 'This message cannot be shown right now.' }] });
    expect((await patient.browser.get(`/api/v1/encounters/${visit.encounterId}`)).status).toBe(200);
    await rename(`${keyFile}.away`, keyFile);
    expect(await other.ask('listMessages', guest)).toMatchObject({ messages: [{ text: 'before' }] });
  });

  it('is lost to everybody when the patient’s keys are destroyed, which takes two steps, and says so', async () => {
    const { patient, provider, visit, guest } = await startVisit(clinic);
    const other = await startVisit(clinic, { patient: 'pat-2', provider: 'doc-2' });
    await say(guest, 'to be forgotten');
    await say(other.guest, 'to be kept');
    await using keys = admin();
    await expect(keys.askToShred(provider.id)).rejects.toMatchObject({ reason: 'no-such-patient' });
    await expect(keys.shred(patient.id, '00000000')).rejects.toMatchObject({ reason: 'wrong-code' });
    const { code, ...what } = await keys.askToShred(patient.id);
    expect(what).toMatchObject({ messages: 1, answers: 0, keyVersions: [1] });
    // Something came in between: look again.
    await say(guest, 'one more');
    await expect(keys.shred(patient.id, code)).rejects.toMatchObject({ reason: 'wrong-code' });
    const again = await keys.askToShred(patient.id);
    clinic.clock.now += 25 * 60_000;
    await expect(keys.shred(patient.id, again.code)).rejects.toMatchObject({ reason: 'wrong-code' });
    await keys.shred(patient.id, (await keys.askToShred(patient.id)).code);
    await expect(keys.askToShred(patient.id)).rejects.toMatchObject({ reason: 'nothing-to-destroy' });

    for (const who of [patient, provider])
      expect((await thread(who, visit)).map(({ text, unreadable }) => [text, unreadable])).toEqual([
        ['This message was erased.', 'erased'],
        ['This message was erased.', 'erased'],
      ]);
    expect((await thread(other.patient, other.visit)).map((message) => message.text)).toEqual(['to be kept']);
    const acts = (await clinic.audit()).filter((row) => row.action.startsWith('phi.shred'));
    expect(acts.map((row) => [row.action, row.patientId])).toEqual([
      ['phi.shred-ask', patient.id],
      ['phi.shred-ask', patient.id],
      ['phi.shred-ask', patient.id],
      ['phi.shred', patient.id],
    ]);
    const { rows } = await sql`SELECT FROM data_keys WHERE person_id = ${patient.id} AND wrapped IS NOT NULL`.execute(
      clinic.database.db,
    );
    expect(rows).toEqual([]);
  });

  it('goes on with another key for who comes back', async () => {
    const { patient, visit, guest } = await startVisit(clinic);
    await say(guest, 'before');
    await using keys = admin();
    await keys.shred(patient.id, (await keys.askToShred(patient.id)).code);
    // The key of before is in this process's memory still; it seals nothing any more.
    await say(guest, 'after');
    expect((await thread(patient, visit)).at(-1)?.text).toBe('after');
    forgetKeys();
    expect((await thread(patient, visit)).map(({ unreadable, text }) => unreadable ?? text)).toEqual([
      'erased',
      'after',
    ]);
    const versions = clinic.database.db.selectFrom('dataKeys').select('version').where('personId', '=', patient.id);
    expect(await versions.orderBy('version').execute()).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('gets one key, whoever writes first at once', async () => {
    const { patient, visit, guest, host } = await startVisit(clinic);
    await using other = await startSecondCore(clinic);
    await Promise.all(
      [clinic.ask, other.ask, clinic.ask, other.ask].map((ask, index) =>
        ask('sendMessage', { ...(index < 2 ? guest : host), clientMessageId: randomUUID(), text: `${index}` }),
      ),
    );
    expect((await thread(patient, visit)).map((message) => message.text).toSorted()).toEqual(['0', '1', '2', '3']);
    expect(await clinic.database.db.selectFrom('dataKeys').select('id').execute()).toHaveLength(1);
  });

  it('rests on no key of a transaction that came to nothing', async () => {
    const patient = await clinic.person('pat', 'patient');
    const owner = personOwner(clinic.organizationId, patient.id);
    const place = { table: 'messages', column: 'text', row: 'a' };
    const kek = new TestKek();
    const phiOfTest = createTestPhi({ kek });
    const { database } = clinic;
    await expect(
      database.transaction(async (tx) => {
        const sealed = await phiOfTest.seal(tx.db, owner, place, 'one');
        expect(await phiOfTest.open(tx.db, { owner, place, sealed })).toEqual({ kind: 'text', text: 'one' });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    const sealed = await phiOfTest.seal(database.db, owner, place, 'two');
    // Another process has to be able to open it.
    expect(await createTestPhi({ kek }).open(database.db, { owner, place, sealed })).toEqual({
      kind: 'text',
      text: 'two',
    });
  });

  it('unwraps a key once for as long as it is kept', async () => {
    const patient = await clinic.person('pat', 'patient');
    const owner = personOwner(clinic.organizationId, patient.id);
    const place = { table: 'messages', column: 'text', row: 'a' };
    const kek = new TestKek();
    const phiOfTest = createTestPhi({ kek, clock: () => clinic.clock.now });
    const { db } = clinic.database;
    const sealed = await phiOfTest.seal(db, owner, place, 'one');
    await Promise.all(Array.from({ length: 20 }, () => phiOfTest.open(db, { owner, place, sealed })));
    expect(kek.unwraps).toBe(1);
    clinic.clock.now += 60_000;
    kek.isAway = true;
    await expect(phiOfTest.open(db, { owner, place, sealed })).rejects.toMatchObject({ code: 'unavailable' });
    kek.isAway = false;
    await Promise.all(Array.from({ length: 20 }, () => phiOfTest.open(db, { owner, place, sealed })));
    expect(kek.unwraps).toBe(2);
  });

  it('that was written before there were keys is sealed while everything goes on', async () => {
    await clinic[Symbol.asyncDispose]();
    clinic = await startClinic(async () => ({ jobs: true }));
    const { patient, visit, guest } = await startVisit(clinic);
    const answers: IntakeAnswers = { reason: 'CLEAR-cough' };
    await asOldRelease(clinic, visit.encounterId, { patientId: patient.id, count: 250, answers });
    expect((await thread(patient, visit)).at(-1)?.text).toBe('CLEAR-250');
    await clinic.runTask('phi-seal');
    const { rows } = await sql<{ row: string }>`
      SELECT messages::text AS row FROM messages UNION ALL SELECT appointments::text FROM appointments
      UNION ALL SELECT contact_points::text FROM contact_points`.execute(clinic.database.db);
    expect(rows.length).toBeGreaterThan(250);
    expect(JSON.stringify(rows)).not.toContain('CLEAR');
    expect((await thread(patient, visit)).map((message) => message.text)).toEqual(
      Array.from({ length: 200 }, (_, index) => `CLEAR-${index + 51}`),
    );
    await say(guest, 'new');
    expect((await thread(patient, visit)).at(-1)?.text).toBe('new');
  });
});

/** Rows as the release before this one left them. */
const asOldRelease = async (
  clinic: Clinic,
  encounterId: EncounterId,
  what: { patientId: string; count: number; answers: IntakeAnswers },
): Promise<void> => {
  const { db } = clinic.database;
  await sql`ALTER TABLE messages DISABLE TRIGGER messages_sealed`.execute(db);
  await sql`ALTER TABLE appointments DISABLE TRIGGER USER`.execute(db);
  await sql`ALTER TABLE contact_points DISABLE TRIGGER contact_points_sealed`.execute(db);
  await sql`INSERT INTO messages (organization_id, encounter_id, seq, sender_id, client_message_id, text, sent_at)
    SELECT ${clinic.organizationId}, ${encounterId}, number, ${what.patientId}, gen_random_uuid(), 'CLEAR-' || number, now()
    FROM generate_series(1, ${what.count}::int) AS number`.execute(db);
  await sql`UPDATE encounters SET last_message_seq = ${what.count} WHERE id = ${encounterId}`.execute(db);
  await sql`UPDATE appointments SET intake_answers = ${JSON.stringify(what.answers)}::jsonb, cancel_reason = 'CLEAR-why'`.execute(
    db,
  );
  await sql`INSERT INTO contact_points (organization_id, person_id, system, value)
    VALUES (${clinic.organizationId}, ${what.patientId}, 'email', 'CLEAR@example.net')`.execute(db);
  await sql`ALTER TABLE messages ENABLE TRIGGER messages_sealed`.execute(db);
  await sql`ALTER TABLE appointments ENABLE TRIGGER USER`.execute(db);
  await sql`ALTER TABLE contact_points ENABLE TRIGGER contact_points_sealed`.execute(db);
};
