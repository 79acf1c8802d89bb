import { AppError, type SlotPage, type VisitTypeId } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bookings } from '../src/scheduling/booking.ts';
import { judge } from '../src/scheduling/judging.ts';
import { rebuildOrganization } from '../src/scheduling/organization-change.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { contextOf } from './support/context.ts';
import { seeded } from './support/random.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;
const iso = (ms: number) => new Date(ms).toISOString();
const at = (minutes: number) => iso(START + minutes * MINUTE_MS);

describe('slot search', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let desk: Somebody;
  let providers: Somebody[];
  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    desk = await clinic.person('desk', 'front-desk');
    providers = [];
    for (const index of [0, 1, 2]) providers.push(await clinic.person(`doc${index}`, 'provider'));
    for (const provider of providers) await open(provider);
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  /** Every day from ten to noon in Berlin, from START on. */
  const open = (provider: Somebody, visitTypeIds: VisitTypeId[] = [], endsAt = '12:00') =>
    clinic.core.provisioning.setAvailability({
      organizationId: clinic.organizationId,
      providerId: provider.id,
      timeZone: 'Europe/Berlin',
      rules: [
        {
          kind: 'open',
          label: '',
          startsOn: '2026-03-02',
          startsAt: '10:00',
          endsAt,
          rrule: 'FREQ=DAILY',
          exdates: [],
          rdates: [],
          visitTypeIds,
          worksOnHolidays: false,
        },
      ],
    });
  const visitType = (key: string, durationMinutes: number, settings = {}) =>
    clinic.core.provisioning.upsertVisitType({
      organizationId: clinic.organizationId,
      key,
      name: key,
      durationMinutes,
      earlyEntryMinutes: 0,
      lateEntryMinutes: 0,
      settings,
    });
  const ask = (query: Record<string, string>, who = patient) =>
    who.browser.get(
      `/api/v1/slots?${new URLSearchParams({ visitTypeId: clinic.visitTypeId, from: at(0), to: at(24 * 60), ...query })}`,
    );
  const search = async (query: Record<string, string> = {}, who = patient): Promise<SlotPage> => {
    const answer = await ask(query, who);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body as SlotPage;
  };
  const startsOf = (page: SlotPage) => page.days.flatMap((day) => day.slots.map((slot) => slot.startsAt));
  const one = (index: number) => ({ providerId: providers[index]?.id ?? '' });

  it('goes through providers and days page by page, each once, soonest first', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: SlotPage = await search({
        to: iso(START + 5 * DAY_MS),
        limit: '4',
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.days.length).toBeLessThanOrEqual(4);
      seen.push(...page.days.map((day) => `${day.slots[0]?.startsAt} ${day.provider.id}`));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(15);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it('finds by specialty, and says who has it', async () => {
    await clinic.core.provisioning.upsertPerson({
      key: 'doc1',
      organizationId: clinic.organizationId,
      displayName: 'Heart',
      timeZone: 'Europe/Berlin',
      roles: ['provider'],
      provider: { specialty: 'Cardiology' },
      identities: [],
    });
    expect((await patient.browser.get('/api/v1/specialties')).body).toEqual({ specialties: ['Cardiology', 'General'] });
    const { days } = await search({ specialty: 'Cardiology' });
    expect(days.map((day) => day.provider)).toEqual([
      { id: providers[1]?.id, displayName: 'Heart', specialty: 'Cardiology', timeZone: 'Europe/Berlin' },
    ]);
    expect((await search({ specialty: 'Nobody' })).days).toEqual([]);
    const listed = (await patient.browser.get('/api/v1/providers?specialty=Cardiology')).body;
    expect(listed).toMatchObject({ providers: [{ displayName: 'Heart' }] });
  });

  it('SCH2 leaves out what is booked, with the buffers around it, and what is held until that is over', async () => {
    const buffered = await visitType('buffered', 20, { bufferBeforeMinutes: 5, bufferAfterMinutes: 5 });
    const [provider] = providers as [Somebody];
    await clinic.book({ patient, provider, startsAt: START + 60 * MINUTE_MS });
    expect(startsOf(await search(one(0)))).toEqual([at(0), at(30), at(90)]);
    expect(startsOf(await search({ ...one(0), visitTypeId: buffered }))).toEqual([at(0), at(30), at(95)]);
    const held = await patient.browser.post('/api/v1/holds', {
      ...one(0),
      visitTypeId: clinic.visitTypeId,
      startsAt: at(30),
    });
    expect(held.status).toBe(201);
    expect(startsOf(await search(one(0)))).toEqual([at(0), at(90)]);
    clinic.clock.now = START + 10 * MINUTE_MS;
    expect(startsOf(await search(one(0)))).toEqual([at(30), at(90)]);
    clinic.clock.now = START;
  });

  it('finds what is left of a day that began the evening before', async () => {
    const watch = await clinic.person('watch', 'provider');
    await clinic.core.provisioning.setAvailability({
      organizationId: clinic.organizationId,
      providerId: watch.id,
      timeZone: 'Europe/Berlin',
      windows: [{ weekday: 2, startsAt: '20:00', endsAt: '16:00' }],
    });
    // Wednesday at three, nineteen hours after it began.
    const three = START + 2 * DAY_MS + 5 * 60 * MINUTE_MS;
    const page = await search({ providerId: watch.id, from: iso(three), to: iso(three + 4 * 60 * MINUTE_MS) });
    expect(startsOf(page)).toEqual([iso(three), iso(three + 30 * MINUTE_MS)]);
  });

  it('SCH2 offers what can be booked: each start it names is taken, no other is', async () => {
    const other = await clinic.person('other', 'patient');
    const free = startsOf(await search({ ...one(2) }));
    for (let minutes = -30; minutes <= 150; minutes += 15) {
      const answer = await other.browser.post('/api/v1/holds', {
        ...one(2),
        visitTypeId: clinic.visitTypeId,
        startsAt: at(minutes),
      });
      expect([at(minutes), answer.status === 201]).toEqual([at(minutes), free.includes(at(minutes))]);
      const { id, token } = answer.body as { id: string; token: string };
      if (answer.status === 201) await other.browser.post(`/api/v1/holds/${id}/release`, { token });
    }
  });

  it('keeps to minimum notice and to the horizon; the front desk needs no notice', async () => {
    const planned = await visitType('planned', 30, { minimumNoticeMinutes: 60, bookingHorizonDays: 2 });
    const query = { ...one(1), visitTypeId: planned, to: iso(START + 5 * DAY_MS) };
    const starts = startsOf(await search(query));
    expect(starts[0]).toBe(at(60));
    expect(starts.at(-1)).toBe(at(2 * 24 * 60));
    expect(startsOf(await search(query, desk))[0]).toBe(at(0));
  });

  it('offers a type only where it is done', async () => {
    const special = await visitType('special', 30);
    const [, , provider] = providers as [Somebody, Somebody, Somebody];
    await open(provider, [special]);
    expect(startsOf(await search(one(2)))).toEqual([]);
    expect(startsOf(await search({ ...one(2), visitTypeId: special }))).toHaveLength(4);
    await open(provider);
  });

  it('SCH7 needs everybody who is asked for', async () => {
    const [, second, third] = providers as [Somebody, Somebody, Somebody];
    await open(third, [], '11:30');
    await clinic.book({ patient: await clinic.person('pat2', 'patient'), provider: second, startsAt: START });
    const together = await search({ ...one(2), withProviderIds: second.id });
    expect(startsOf(together)).toEqual([at(30), at(60)]);
    expect(startsOf(await search({ ...one(1), withProviderIds: third.id }))).toEqual([at(30), at(60)]);
    expect(await ask({ withProviderIds: patient.id })).toMatchObject({ code: 'not_found' });
    await open(third);
  });

  it('SCH8 offers sessions that have seats, not the openings of their provider', async () => {
    const group = await visitType('group', 60, { seats: 2 });
    const [first] = providers as [Somebody];
    const nextDay = START + DAY_MS;
    const made = await desk.browser.post('/api/v1/group-sessions', {
      providerId: first.id,
      visitTypeId: group,
      startsAt: iso(nextDay),
    });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    const query = { visitTypeId: group, to: iso(START + 3 * DAY_MS), zone: 'Asia/Kolkata' };
    const expected = (seatsLeft: number) => [
      {
        startsAt: iso(nextDay),
        endsAt: iso(nextDay + 60 * MINUTE_MS),
        localStartsAt: '2026-03-03T14:30:00+05:30',
        group: { appointmentId: id, seatsLeft },
      },
    ];
    const slots = async () => (await search(query)).days.flatMap((day) => day.slots);
    expect(await slots()).toEqual(expected(2));
    const seat = (who: Somebody) =>
      who.browser.post('/api/v1/appointments', {
        providerId: first.id,
        visitTypeId: group,
        startsAt: iso(nextDay),
        groupAppointmentId: id,
      });
    expect((await seat(patient)).status).toBe(201);
    expect(await slots()).toEqual(expected(1));
    expect((await seat(await clinic.person('pat3', 'patient'))).status).toBe(201);
    expect(await slots()).toEqual([]);
  });

  it('SCH2 offers nothing that the patient would have to pay for where they may not, and all of it to a payer', async () => {
    const covered = await visitType('covered', 30, { selfPay: false });
    const { id: payerId } = await clinic.database.db
      .insertInto('payers')
      .values({ organizationId: clinic.organizationId, key: 'fund', name: 'Fund' })
      .returning('id')
      .executeTakeFirstOrThrow();
    expect((await search({ ...one(1), visitTypeId: covered })).days).toEqual([]);
    expect(startsOf(await search({ ...one(1), visitTypeId: covered, payerId }))).not.toEqual([]);
    const hold = (payer: object) =>
      patient.browser.post('/api/v1/holds', { ...one(1), visitTypeId: covered, startsAt: at(90), ...payer });
    expect((await hold({})).code).toBe('payer_not_accepted');
    const held = await hold({ payerId });
    expect(held.status).toBe(201);
    const { id, token } = held.body as { id: string; token: string };
    await patient.browser.post(`/api/v1/holds/${id}/release`, { token });
  });

  it('SCH2 offers what judging a booking lets pass, whatever is booked around it', {
    timeout: 300_000,
  }, async () => {
    const context = contextOf(clinic);
    const bookings = new Bookings(context);
    const { organizationId } = clinic;
    const { db } = clinic.database;
    const provider = await clinic.person('property', 'provider');
    const patientId = (await clinic.person('asker', 'patient')).id;
    const random = seeded(20_260_302);
    const pick = (...values: number[]): number => values[random(values.length)] ?? 0;
    for (let run = 0; run < 12; run += 1) {
      const type = await visitType(`property-${run}`, pick(10, 20, 45), {
        bufferBeforeMinutes: pick(0, 5, 30, 240),
        bufferAfterMinutes: pick(0, 10, 60),
        minimumNoticeMinutes: pick(0, 90),
        ...(random(2) === 0 ? { stepMinutes: pick(5, 15, 60) } : {}),
      });
      await clinic.core.provisioning.setAvailability({
        organizationId,
        providerId: provider.id,
        timeZone: 'Europe/Berlin',
        windows: [1, 2].flatMap((weekday) => [
          { weekday, startsAt: '10:00', endsAt: `${pick(11, 12)}:${pick(10, 25, 50)}` },
          { weekday, startsAt: `14:${pick(10, 20, 40)}`, endsAt: '16:00' },
        ]),
      });
      // Claims before, in and after the openings, some of them ending right before one.
      await db.deleteFrom('calendarClaims').where('personId', '=', provider.id).execute();
      await db.deleteFrom('holds').where('providerId', '=', provider.id).execute();
      let atMinute = -240;
      while (atMinute < 600) {
        const [startsAt, minutes] = [START + (atMinute + pick(0, 15, 60, 120)) * MINUTE_MS, pick(5, 30, 55)];
        const endsAt = startsAt + minutes * MINUTE_MS;
        const expiresAt = new Date(clinic.clock.now + pick(-1, 10) * MINUTE_MS);
        const hold = await db
          .insertInto('holds')
          .values({
            organizationId,
            madeBy: patientId,
            patientId,
            providerId: provider.id,
            visitTypeId: type,
            additional: '[]',
            startsAt: new Date(startsAt),
            endsAt: new Date(endsAt),
            providerDate: '2026-03-02',
            expiresAt,
            createdAt: new Date(clinic.clock.now),
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await db
          .insertInto('calendarClaims')
          .values({
            organizationId,
            personId: provider.id,
            startsAt: new Date(startsAt),
            endsAt: new Date(endsAt),
            holdId: hold.id,
            expiresAt,
          })
          .execute();
        atMinute = (endsAt - START) / MINUTE_MS + pick(0, 10, 70, 200);
      }
      const offeredStarts = startsOf(
        await search({ providerId: provider.id, visitTypeId: type, from: at(-60), to: at(30 * 60) }),
      );
      const passes: string[] = [];
      for (let minute = -60; minute < 30 * 60; minute += 5) {
        const startsAt = new Date(START + minute * MINUTE_MS);
        const wanted = { providerId: provider.id, visitTypeId: type, startsAt, patientId, additional: [] };
        const now = new Date(clinic.clock.now);
        const facts = await bookings.facts(context.database.asSystem('waitlist', { organizationId }).db, {
          organizationId,
          wanted,
          now,
        });
        try {
          judge(facts, wanted, { now, byStaff: false, horizonBinds: true });
          passes.push(startsAt.toISOString());
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      }
      const end = START + 30 * 60 * MINUTE_MS;
      const within = passes.filter((start) => Date.parse(start) < end);
      expect({ run, starts: offeredStarts.filter((start) => Date.parse(start) % (5 * MINUTE_MS) === 0) }).toEqual({
        run,
        starts: within,
      });
    }
  });

  it('leaves out days that a cap has filled', async () => {
    const admin = await clinic.person('admin', 'admin');
    const capped = await clinic.person('capped', 'provider');
    await open(capped);
    const path = `/api/v1/providers/${capped.id}/daily-caps`;
    const { version } = (await admin.browser.get(path)).body as { version: string };
    const caps = [{ maxVisits: 1, validFrom: '2026-03-02', validTo: '2026-03-02' }];
    expect((await admin.browser.write('PUT', path, { version, caps })).status).toBe(204);
    const query = { providerId: capped.id, to: iso(START + 2 * DAY_MS) };
    expect((await search(query)).days).toHaveLength(2);
    await clinic.book({ patient: await clinic.person('pat4', 'patient'), provider: capped, startsAt: START });
    expect((await search(query)).days.map((day) => day.slots[0]?.startsAt)).toEqual([iso(START + DAY_MS)]);
  });

  it.each([
    ['a year of slots', { to: iso(START + 366 * DAY_MS) }, 'to'],
    ['an end before the start', { to: at(-1) }, 'to'],
    ['an unknown zone', { zone: 'Mars/Olympus' }, 'zone'],
    ['a cursor of somebody’s own making', { cursor: 'abc' }, 'cursor'],
    ['no instant', { from: 'tomorrow' }, 'querystring.from'],
    ['more than a page', { limit: '51' }, 'querystring.limit'],
    ['a state that is none', { state: 'New York' }, 'querystring.state'],
    [
      'four companions',
      { withProviderIds: Array(4).fill('00000000-0000-4000-8000-000000000001').join(',') },
      'querystring.withProviderIds',
    ],
    ['a payer of nobody', { payerId: '00000000-0000-4000-8000-000000000001' }, 'payerId'],
  ])('refuses %s, and names the field', async (_, query, field) => {
    const answer = await ask(query);
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    const { detail, errors } = answer.body as { detail?: string; errors?: { field: string }[] };
    expect(detail?.split(':')[0] ?? errors?.[0]?.field).toBe(field);
  });

  it('does not know types and providers of others', async () => {
    expect(await ask({ visitTypeId: '00000000-0000-4000-8000-000000000001' })).toMatchObject({ code: 'not_found' });
    expect(await ask({ providerId: patient.id })).toMatchObject({ code: 'not_found' });
  });

  it('SCH10 asks where the patient will be where the organization asks for licences, and finds who may see them', async () => {
    const licensed = await clinic.person('licensed', 'provider');
    await open(licensed);
    const admin = await clinic.person('admin2', 'admin');
    const licenses = [
      { region: 'US-NY', validFrom: '2020-01-01', validTo: '2026-03-03', source: 'Register' },
      { compact: 'IMLC', validFrom: '2020-01-01', source: 'Register' },
    ];
    const path = `/api/v1/providers/${licensed.id}/licenses`;
    const { version } = (await admin.browser.get(path)).body as { version: string };
    const answer = await admin.browser.write('PUT', path, { version, licenses });
    expect(answer.status).toBe(204);
    const members = [{ compact: 'IMLC', region: 'US-CO', validFrom: '2026-03-04', source: 'Register' }];
    const compacts = (await admin.browser.get('/api/v1/compacts')).body as object;
    expect((await admin.browser.write('PUT', '/api/v1/compacts', { ...compacts, members })).status).toBe(204);
    await clinic.core.provisioning.upsertOrganization({
      key: 'clinic',
      name: 'Clinic',
      timeZone: 'Europe/Berlin',
      requiresLicense: true,
    });
    await rebuildOrganization(contextOf(clinic), clinic.organizationId);
    expect(await ask({})).toMatchObject({ status: 400, code: 'region_required' });
    const dates = async (state: string) =>
      (await search({ state, to: iso(START + 4 * DAY_MS) })).days.map((day) => [
        day.provider.displayName,
        day.slots[0]?.startsAt.slice(8, 10),
      ]);
    expect(await dates('US-NY')).toEqual([
      ['Name of licensed', '02'],
      ['Name of licensed', '03'],
    ]);
    expect(await dates('US-CO')).toEqual([
      ['Name of licensed', '04'],
      ['Name of licensed', '05'],
    ]);
    expect(await dates('US-TX')).toEqual([]);
  });
});
