import { randomUUID } from 'node:crypto';
import { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotificationKind } from '../src/notifications/model.ts';
import { recordAgreement } from './support/agreements.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { type MailSink, startMailSink } from './support/mail-sink.ts';
import { setMail } from './support/phi.ts';
import { addProvider, bookSlot, cancel, iso, join, until, untilQuiet } from './support/queue.ts';

const HOUR_MS = 60 * MINUTE_MS;
/** Ten o'clock in Berlin, two days ahead. */
const TEN = START + 48 * HOUR_MS;

describe('messages to patients', () => {
  let sink: MailSink;
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  let agreement: string;
  beforeEach(async () => {
    sink = await startMailSink();
    clinic = await startClinic(async () => ({
      jobs: true,
      smtp: {
        host: '127.0.0.1',
        port: sink.port,
        isImplicitTls: false,
        requiresTls: false,
        user: undefined,
        password: undefined,
        from: 'Clinic <visits@example.org>',
      },
    }));
    provider = await addProvider(clinic, 'doc');
    patient = await withMail('pat');
    agreement = await recordAgreement(clinic, provider);
  });
  afterEach(async () => {
    await clinic[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const withMail = async (key: string): Promise<Somebody> => {
    const somebody = await clinic.person(key, 'patient');
    await setMail(clinic, somebody.id, `${key}@example.net`);
    return somebody;
  };
  const rows = () =>
    clinic.database.db
      .selectFrom('notifications')
      .select(['kind', 'status', 'dueAt', 'attempts', 'lastError'])
      .orderBy('dueAt')
      .orderBy('kind')
      .execute();
  const statusOf = async (kind: NotificationKind) => (await rows()).find((row) => row.kind === kind)?.status;
  const mail = (count: number) => until(async () => (sink.mails.length >= count ? sink.mails : undefined));
  const untilStatus = (kind: NotificationKind, status: string) =>
    until(async () => ((await statusOf(kind)) === status ? true : undefined));

  it('SCH14 confirm and remind, in the patient’s zone, and name neither patient nor kind of visit', async () => {
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    const [booked] = await mail(1);
    expect(booked?.to).toEqual(['pat@example.net']);
    expect(booked?.raw).toMatch(/^Subject: Your visit with Clinic is booked\r$/m);
    expect(booked?.raw).toMatch(/^From: Clinic <visits@example.org>\r$/m);
    expect(booked?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    const words = (booked?.raw ?? '').replaceAll('=\r\n', '').replaceAll(/\s+/g, ' ');
    expect(words).toContain('Wednesday, March 4, 2026 at 10:00 AM (Central European Standard Time, Europe/Berlin)');
    expect(words).not.toMatch(/Name of pat|Name of doc|Video visit/);
    await untilStatus('booked', 'sent');
    expect(await rows()).toMatchObject([
      { kind: 'booked', status: 'sent' },
      { kind: 'reminder-day', status: 'pending', dueAt: new Date(TEN - 24 * HOUR_MS) },
      { kind: 'reminder-hour', status: 'pending', dueAt: new Date(TEN - HOUR_MS) },
    ]);
    clinic.clock.now = TEN - 24 * HOUR_MS;
    await clinic.runTask('notifications');
    expect((await mail(2))[1]?.raw).toContain('A reminder of your visit with Clinic');
    clinic.clock.now = TEN - HOUR_MS;
    await clinic.runTask('notifications');
    expect((await mail(3))[2]?.raw).toContain('Your visit with Clinic starts soon');
    await clinic.runTask('notifications');
    expect(sink.mails).toHaveLength(3);
    expect((await clinic.audit()).filter((entry) => entry.action === 'notification.send')).toHaveLength(3);
  });

  it('tell of a cancellation, and no longer remind', async () => {
    const appointment = await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await mail(1);
    await cancel(patient, appointment);
    expect((await mail(2))[1]?.raw).toMatch(/^Subject: Your visit with Clinic was cancelled\r$/m);
    expect(await statusOf('reminder-day')).toBe('dropped');
    expect(await statusOf('reminder-hour')).toBe('dropped');
    clinic.clock.now = TEN - HOUR_MS;
    await clinic.runTask('notifications');
    expect(sink.mails).toHaveLength(2);
  });

  it('tell of the new time when a visit is moved, and remind of that', async () => {
    const appointment = await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await mail(1);
    const startsAt = TEN + 3 * HOUR_MS;
    await patient.browser.post(`/api/v1/appointments/${appointment.id}/reschedule`, {
      version: 1,
      startsAt: iso(startsAt),
    });
    expect((await mail(2))[1]?.raw).toMatch(/^Subject: Your visit with Clinic was moved\r$/m);
    await untilStatus('rescheduled', 'sent');
    const pending = (await rows()).filter((row) => row.status === 'pending');
    expect(pending).toMatchObject([
      { kind: 'reminder-day', dueAt: new Date(startsAt - 24 * HOUR_MS) },
      { kind: 'reminder-hour', dueAt: new Date(startsAt - HOUR_MS) },
    ]);
    expect(sink.mails).toHaveLength(2);
  });

  it('tell of an offer while it stands', async () => {
    const appointment = await bookSlot(clinic, { patient, provider, startsAt: TEN });
    const waiting = await withMail('waiting');
    await join(clinic, waiting);
    await cancel(patient, appointment);
    const offer = await until(async () => sink.mails.find((one) => one.to.includes('waiting@example.net')));
    expect(offer.raw).toMatch(/^Subject: Clinic can offer you an earlier time\r$/m);
  });

  it('SCH14 say what the organization lets them say', async () => {
    await sql`UPDATE organizations SET message_detail = 'none'`.execute(clinic.database.db);
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    const [booked] = await mail(1);
    expect(booked?.raw).toMatch(/^Subject: A message from Clinic\r$/m);
    expect(booked?.raw).not.toMatch(/March|10:00/);
    await sql`UPDATE organizations SET message_detail = 'provider'`.execute(clinic.database.db);
    await bookSlot(clinic, { patient, provider, startsAt: TEN + HOUR_MS });
    expect((await mail(2))[1]?.raw).toContain('Name of doc');
  });

  it('go out again, under the same id, after the server refused for now, and once only', async () => {
    sink.refuse = 451;
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await until(async () => ((await rows()).some((row) => row.lastError === '451') ? true : undefined));
    expect(await statusOf('booked')).toBe('pending');
    sink.refuse = undefined;
    await clinic.runTask('notifications');
    expect(sink.mails).toEqual([]);
    clinic.clock.now += MINUTE_MS;
    await clinic.runTask('notifications');
    await untilStatus('booked', 'sent');
    const { id } = await clinic.database.db
      .selectFrom('notifications')
      .select('id')
      .where('kind', '=', 'booked')
      .executeTakeFirstOrThrow();
    expect(sink.mails[0]?.raw).toContain(`Message-ID: <${id}@example.org>`);
    clinic.clock.now += 5 * MINUTE_MS;
    await clinic.runTask('notifications');
    expect(sink.mails).toHaveLength(1);
  });

  it('are given up when the server refuses for good', async () => {
    sink.refuse = 550;
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await untilStatus('booked', 'failed');
    expect((await rows()).find((row) => row.kind === 'booked')).toMatchObject({ lastError: '550', attempts: 1 });
  });

  it('go out once when a process died before it could say so, and its lease is over', async () => {
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await untilStatus('booked', 'sent');
    // As a process leaves it that died on the way.
    await sql`UPDATE notifications SET status = 'pending', sent_at = NULL, next_attempt_at = ${new Date(clinic.clock.now + 2 * MINUTE_MS)}
      WHERE kind = 'booked'`.execute(clinic.database.db);
    await clinic.runTask('notifications');
    expect(sink.mails).toHaveLength(1);
    clinic.clock.now += 2 * MINUTE_MS;
    await clinic.runTask('notifications');
    const ids = (await mail(2)).map((one) => /^Message-ID: (.*)\r$/m.exec(one.raw)?.[1]);
    expect(ids[0]).toBe(ids[1]);
  });

  it('RGT1 stay while no agreement lets them leave, and go out when one does', async () => {
    await sql`UPDATE business_associate_agreements SET ended_at = now(), ended_by = ${provider.id} WHERE id = ${agreement}`.execute(
      clinic.database.db,
    );
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await until(async () => ((await rows()).some((row) => row.lastError === 'egress_refused') ? true : undefined));
    expect(await statusOf('booked')).toBe('pending');
    expect(sink.mails).toEqual([]);
    expect((await clinic.audit()).filter((row) => row.action === 'egress.send')).toEqual([
      expect.objectContaining({ outcome: 'denied', reason: 'not-in-force', patientId: patient.id, role: 'system' }),
    ]);
    await recordAgreement(clinic, provider);
    clinic.clock.now += MINUTE_MS;
    await clinic.runTask('notifications');
    await mail(1);
  });

  it('RGT1 tell no more than the agreement covers', async () => {
    await sql`UPDATE organizations SET message_detail = 'provider'`.execute(clinic.database.db);
    await sql`UPDATE business_associate_agreements SET ended_at = now(), ended_by = ${provider.id}`.execute(
      clinic.database.db,
    );
    await recordAgreement(clinic, provider, { categories: ['contact', 'appointment-time'] });
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await until(async () => ((await rows()).some((row) => row.lastError === 'egress_refused') ? true : undefined));
    expect(sink.mails).toEqual([]);
    expect((await clinic.audit()).find((row) => row.action === 'egress.send')?.reason).toBe('category-not-covered');
  });

  describe('about a request for correction', () => {
    let id: string;
    let version: number;
    let admin: Somebody;
    beforeEach(async () => {
      admin = await clinic.person('ada', 'admin');
      const asked = await patient.browser.post('/api/v1/corrections', {
        about: 'profile',
        statement: 'The diagnosis is wrong',
        proposed: 'Another one',
      });
      ({ id, version } = asked.body as { id: string; version: number });
    });

    const step = async (who: Somebody, name: string, body: object) => {
      const answer = await who.browser.post(`/api/v1/corrections/${id}/${name}`, { version, ...body });
      expect(answer.status).toBe(200);
      ({ version } = answer.body as { version: number });
    };
    const extend = () => step(admin, 'extend', { note: 'The archive is closed' });
    const deny = () => step(admin, 'deny', { note: 'It is right as it stands', basis: 'accurate-and-complete' });
    const wordsOf = (raw: string | undefined) => (raw ?? '').replaceAll('=\r\n', '');
    const PRIVATE = /Name of|diagnosis|archive|stands|denied|correction|disagree|letter/i;

    it('RGT3 tell that it takes longer, that it is answered and that a disagreement is, and nothing of what was said', async () => {
      await extend();
      const [longer] = await mail(1);
      await untilStatus('correction-extended', 'sent');
      await deny();
      const answer = (await mail(2))[1];
      await untilStatus('correction-answered', 'sent');
      await step(patient, 'disagree', { note: 'I have a letter' });
      await step(admin, 'rebut', { note: 'The letter is of somebody else' });
      const reply = (await mail(3))[2];
      await untilStatus('correction-rebutted', 'sent');
      for (const [told, subject] of [
        [longer, 'Clinic needs more time for your request'],
        [answer, 'Clinic has answered your request'],
        [reply, 'Clinic has replied to what you wrote'],
      ] as const) {
        expect(told?.to).toEqual(['pat@example.net']);
        expect(told?.raw).toMatch(new RegExp(`^Subject: ${subject}\\r$`, 'm'));
        expect(wordsOf(told?.raw)).toContain(`: ${clinic.origin}`);
        expect(wordsOf(told?.raw)).not.toMatch(PRIVATE);
      }
      const sent = (await clinic.audit()).filter((row) => row.action === 'notification.send');
      expect(sent).toMatchObject(
        ['correction-extended', 'correction-answered', 'correction-rebutted'].map((reason) => ({
          patientId: patient.id,
          reason,
        })),
      );
    });

    it.each([
      ['correction.extended', extend],
      ['correction.answered', deny],
    ] as const)('RGT3 tell it once, however often the event comes: %s', async (topic, act) => {
      await act();
      await mail(1);
      const createdAt = new Date(clinic.clock.now);
      await clinic.database.db
        .insertInto('outboxEvents')
        .values({ organizationId: clinic.organizationId, topic, resourceId: id, createdAt, availableAt: createdAt })
        .execute();
      await clinic.runTask('outbox');
      await untilQuiet(clinic);
      await clinic.runTask('notifications');
      expect(sink.mails).toHaveLength(1);
    });

    it('RGT1 wait for an agreement, and say no more that it takes longer once it is answered', async () => {
      await sql`UPDATE business_associate_agreements SET ended_at = now(), ended_by = ${provider.id}`.execute(
        clinic.database.db,
      );
      const untilRefused = (count: number) =>
        until(async () => {
          const refused = (await rows()).filter((row) => row.lastError === 'egress_refused');
          return refused.length === count ? true : undefined;
        });
      await extend();
      await untilRefused(1);
      await deny();
      await untilRefused(2);
      await recordAgreement(clinic, provider, { categories: ['contact'] });
      clinic.clock.now += MINUTE_MS;
      await clinic.runTask('notifications');
      const [answer] = await mail(1);
      expect(answer?.raw).toMatch(/^Subject: Clinic has answered your request\r$/m);
      await untilStatus('correction-extended', 'dropped');
      expect(sink.mails).toHaveLength(1);
    });
  });

  it('RGT3 tell the proxy who asked in the patient’s name too', async () => {
    const guardian = await withMail('guardian');
    await clinic.database.db
      .insertInto('patientProxies')
      .values({
        organizationId: clinic.organizationId,
        patientId: patient.id,
        proxyId: guardian.id,
        kind: 'guardian',
        scopes: ['read'],
        validFrom: new Date(clinic.clock.now - HOUR_MS),
        validTo: null,
        madeBy: guardian.id,
        madeAt: new Date(clinic.clock.now),
      })
      .execute();
    const admin = await clinic.person('ada', 'admin');
    const asked = await guardian.browser.post('/api/v1/corrections', {
      patientId: patient.id,
      about: 'profile',
      statement: 'Misspelt',
      proposed: 'Spelt right',
    });
    const { id, version } = asked.body as { id: string; version: number };
    await admin.browser.post(`/api/v1/corrections/${id}/accept`, { version, note: 'Done' });
    const mails = await mail(2);
    expect(mails.flatMap((one) => one.to).sort()).toEqual(['guardian@example.net', 'pat@example.net']);
    const told = await until(async () => {
      const sent = (await clinic.audit()).filter((row) => row.action === 'notification.send');
      return sent.length === 2 ? sent : undefined;
    });
    expect(told.map((row) => row.patientId)).toEqual([patient.id, patient.id]);
  });

  describe('about a record that was opened in an emergency', () => {
    const openRecord = () =>
      provider.browser.post(`/api/v1/patients/${patient.id}/emergency-access`, {
        reason: 'Unconscious in the hall',
        minutes: 30,
      });
    const staff = async (key: string, role: 'compliance' | 'admin') => {
      const somebody = await clinic.person(key, role);
      await setMail(clinic, somebody.id, `${key}@example.net`);
      return somebody;
    };

    it('go to compliance at once, lead to the trail and name nobody', async () => {
      await staff('cora', 'compliance');
      const gone = await staff('gone', 'compliance');
      await sql`UPDATE people SET is_active = false WHERE id = ${gone.id}`.execute(clinic.database.db);
      await staff('ada', 'admin');
      expect((await openRecord()).status).toBe(201);
      const [alarm] = await mail(1);
      expect(alarm?.to).toEqual(['cora@example.net']);
      expect(alarm?.raw).toMatch(/^Subject: A record was opened in an emergency at Clinic\r$/m);
      const words = (alarm?.raw ?? '').replaceAll('=\r\n', '');
      expect(words).toContain(`${clinic.origin}/audit`);
      expect(words).not.toMatch(/Name of|Unconscious|pat@/);
      await untilStatus('emergency-opened', 'sent');
      expect(await rows()).toHaveLength(1);
      expect((await clinic.audit()).at(-1)).toMatchObject({ action: 'notification.send', patientId: null });
    });

    it('go to the administrators where nobody keeps watch', async () => {
      await staff('ada', 'admin');
      await openRecord();
      expect((await mail(1))[0]?.to).toEqual(['ada@example.net']);
    });

    it('RGT1 wait for an agreement as all mail does, of whatever categories', async () => {
      await staff('cora', 'compliance');
      await sql`UPDATE business_associate_agreements SET ended_at = now(), ended_by = ${provider.id}`.execute(
        clinic.database.db,
      );
      await openRecord();
      await until(async () => ((await rows()).some((row) => row.lastError === 'egress_refused') ? true : undefined));
      expect(sink.mails).toEqual([]);
      await recordAgreement(clinic, provider, { categories: ['contact'] });
      clinic.clock.now += MINUTE_MS;
      await clinic.runTask('notifications');
      expect((await mail(1))[0]?.to).toEqual(['cora@example.net']);
    });
  });

  it('are not sent after the visit', async () => {
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await untilStatus('booked', 'sent');
    clinic.clock.now = TEN + MINUTE_MS;
    await clinic.runTask('notifications');
    expect(await statusOf('reminder-hour')).toBe('dropped');
    expect(sink.mails).toHaveLength(1);
  });
});

describe('a mail server off the machine', () => {
  it('gets nothing when it does not speak TLS', async () => {
    const { smtpTransport } = await import('../src/egress/smtp.ts');
    await using sink = await startMailSink();
    const config = {
      host: '127.0.0.1',
      port: sink.port,
      isImplicitTls: false,
      requiresTls: true,
      user: undefined,
      password: undefined,
      from: 'visits@example.org',
    };
    const transport = smtpTransport(config, { require: async () => undefined });
    const sending = transport.send({
      id: 'x',
      kind: 'booked',
      to: 'pat@example.net',
      subject: 'x',
      text: 'x',
      departure: {
        organizationId: OrganizationId.parse(randomUUID()),
        patientId: PersonId.parse(randomUUID()),
        categories: ['contact'],
        resource: { type: 'notification', id: 'x' },
      },
    });
    await expect(sending).rejects.toMatchObject({ name: 'DeliveryError', isFinal: false });
    transport.close();
    expect(sink.mails).toEqual([]);
  });
});
