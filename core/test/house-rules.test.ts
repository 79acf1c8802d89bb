import { PayerRuleList } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clinic, type Somebody, startClinic } from './support/clinic.ts';

describe('rules of the house', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let desk: Somebody;
  let provider: Somebody;
  let patient: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    admin = await clinic.person('admin', 'admin');
    desk = await clinic.person('desk', 'front-desk');
    provider = await clinic.person('doc', 'provider');
    patient = await clinic.person('pat', 'patient');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const dated = { validFrom: '2026-01-01', validTo: '2026-12-31', source: 'Contract 7' };
  const lists = (): [string, string, string, Record<string, unknown>[]][] => [
    ['holidays', '/api/v1/holidays', 'holidays', [{ date: '2026-05-01', name: 'Labour Day' }]],
    ['compacts', '/api/v1/compacts', 'members', [{ compact: 'IMLC', region: 'US-CO', ...dated }]],
    ['licenses', `/api/v1/providers/${provider.id}/licenses`, 'licenses', [{ region: 'US-NY', number: '1', ...dated }]],
    [
      'daily-caps',
      `/api/v1/providers/${provider.id}/daily-caps`,
      'caps',
      [{ visitTypeId: clinic.visitTypeId, maxVisits: 3, validFrom: '2026-01-01' }],
    ],
  ];

  it('SCH11 are kept as whole lists by administrators, read by the front desk, and noted', async () => {
    for (const [type, path, member, rows] of lists()) {
      const read = async () => (await desk.browser.get(path)).body as Record<string, unknown>;
      const change = async (list: object[]) => ({ ...(await read()), [member]: list });
      expect((await admin.browser.write('PUT', path, await change(rows))).status).toBe(204);
      expect((await read())[member]).toEqual(rows);
      expect((await admin.browser.write('PUT', path, await change([]))).status).toBe(204);
      expect((await read())[member]).toEqual([]);
      for (const who of [desk, provider, patient])
        expect(await who.browser.write('PUT', path, await change(rows))).toMatchObject({ code: 'forbidden' });
      expect(await patient.browser.get(path)).toMatchObject({ code: 'forbidden' });
      const { rows: noted } = await clinic.database.db
        .selectFrom('auditEvents')
        .where('action', '=', 'rules.write')
        .where('resourceType', '=', type)
        .select('personId')
        .execute()
        .then((found) => ({ rows: found }));
      expect(noted).toEqual([{ personId: admin.id }, { personId: admin.id }]);
    }
  });

  it.each([
    ['holidays', 'holidays', { date: '2026-05-01', name: 'Labour Day' }, { date: '2026-12-25', name: 'Christmas' }],
    [
      'compacts',
      'members',
      { compact: 'IMLC', region: 'US-CO', ...dated },
      { compact: 'IMLC', region: 'US-NY', ...dated },
    ],
    ['licenses', 'licenses', { region: 'US-CO', number: '1', ...dated }, { region: 'US-NY', number: '2', ...dated }],
    ['daily-caps', 'caps', { maxVisits: 3, validFrom: '2026-01-01' }, { maxVisits: 4, validFrom: '2026-01-01' }],
  ])(
    'SCH11 are replaced by whoever has seen what they replace, and by nobody else: %s',
    async (name, member, one, two) => {
      const isOfProvider = name === 'licenses' || name === 'daily-caps';
      const path = isOfProvider ? `/api/v1/providers/${provider.id}/${name}` : `/api/v1/${name}`;
      const other = await clinic.person(`admin-of-${name}`, 'admin');
      const read = async () => {
        const { version, [member]: rows } = (await admin.browser.get(path)).body as Record<string, unknown>;
        return { version, rows };
      };
      const put = (who: Somebody, version: unknown, ...rows: object[]) =>
        who.browser.write('PUT', path, { version, [member]: rows });
      const seen = await read();
      expect(seen.rows).toEqual([]);
      // Both have read the same list; of two that come at once, one is too late.
      const answers = await Promise.all([put(admin, seen.version, one), put(other, seen.version, two)]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
      expect(answers.find(({ status }) => status === 409)?.code).toBe('version_conflict');
      const kept = await read();
      expect(kept.rows).toHaveLength(1);
      expect(kept.version).not.toBe(seen.version);
      expect(await put(other, seen.version)).toMatchObject({ code: 'version_conflict' });
      expect(await read()).toEqual(kept);
      // Whoever reads it again may. What is said in another order is the same.
      expect((await put(other, kept.version, two, one)).status).toBe(204);
      const both = await read();
      expect(both.rows).toEqual(expect.arrayContaining([one, two]));
      expect((await put(admin, both.version, one, two)).status).toBe(204);
      expect((await read()).version).toBe(both.version);
      // Nobody replaces it unseen.
      const unseen = await admin.browser.write('PUT', path, { [member]: [] });
      expect(unseen).toMatchObject({ status: 400, body: { errors: [expect.objectContaining({ field: 'version' })] } });
      await put(admin, both.version);
      expect((await read()).version).toBe(seen.version);
    },
  );

  it('are for payers only those the organization has', async () => {
    const { id: payerId } = await clinic.database.db
      .insertInto('payers')
      .values({ organizationId: clinic.organizationId, key: 'acme', name: 'Acme' })
      .returning('id')
      .executeTakeFirstOrThrow();
    expect((await patient.browser.get('/api/v1/payers')).body).toEqual({ payers: [{ id: payerId, name: 'Acme' }] });
    const rules = [{ payerId, visitTypeId: clinic.visitTypeId, effect: 'allow', ...dated }];
    const read = async () => PayerRuleList.parse((await desk.browser.get('/api/v1/payer-rules')).body);
    const seen = await read();
    const put = (version: string, list: object[]) =>
      admin.browser.write('PUT', '/api/v1/payer-rules', { version, rules: list });
    expect((await put(seen.version, rules)).status).toBe(204);
    const { version, rules: kept } = await read();
    expect(kept).toEqual(rules);
    expect(await put(seen.version, [])).toMatchObject({ status: 409, code: 'version_conflict' });
    const stranger = '00000000-0000-4000-8000-000000000001';
    for (const [change, field] of [
      [{ payerId: stranger }, 'rules.0.payerId'],
      [{ visitTypeId: stranger }, 'rules.0.visitTypeId'],
      [{ validTo: '2025-01-01' }, 'rules.0.validTo'],
    ] as const) {
      const answer = await put(version, [{ ...rules[0], ...change }]);
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(`^${field}: `) } });
    }
    expect((await read()).rules).toEqual(rules);
  });

  it.each([
    [
      '/api/v1/holidays',
      {
        holidays: [
          { date: '2026-05-01', name: 'A' },
          { date: '2026-05-01', name: 'B' },
        ],
      },
      'holidays.1',
    ],
    [
      '/api/v1/compacts',
      { members: [{ compact: 'A', region: 'US-CO', ...dated, validTo: '2020-01-01' }] },
      'members.0.validTo',
    ],
    ['licenses', { licenses: [{ region: 'US-NY', compact: 'A', ...dated }] }, 'licenses.0.region'],
    ['licenses', { licenses: [dated] }, 'licenses.0.region'],
    ['daily-caps', { caps: [{ maxVisits: 1, validFrom: '2026-01-02', validTo: '2026-01-01' }] }, 'caps.0.validTo'],
  ])('refuse what cannot be: %s %j', async (path, body, field) => {
    const whole = path.startsWith('/') ? path : `/api/v1/providers/${provider.id}/${path}`;
    const read = (await admin.browser.get(whole)).body as object;
    const answer = await admin.browser.write('PUT', whole, { ...read, ...body });
    expect(answer).toMatchObject({
      status: 400,
      code: 'bad_request',
      body: { detail: expect.stringMatching(`^${field}: `) },
    });
  });

  it('take a compact of two thousand members', async () => {
    const members = Array.from({ length: 2_000 }, (_, index) => ({
      compact: 'IMLC',
      region: 'US-CO',
      validFrom: new Date(Date.UTC(2010, 0, 1 + index)).toISOString().slice(0, 10),
      source: 'A register of compacts that gives each of its members a line of its own',
    }));
    const read = (await admin.browser.get('/api/v1/compacts')).body as object;
    expect((await admin.browser.write('PUT', '/api/v1/compacts', { ...read, members })).status).toBe(204);
  });

  it('say what can be booked: administrators make and change visit types, and everybody sees them', async () => {
    const settings = {
      name: 'First visit',
      modality: 'video',
      durationMinutes: 40,
      bufferBeforeMinutes: 5,
      bufferAfterMinutes: 15,
      minimumNoticeMinutes: 120,
      bookingHorizonDays: 60,
      cancelNoticeMinutes: 1440,
      seats: 1,
      selfPay: true,
      intakeQuestions: [{ id: 'reason', kind: 'text', label: 'Why?', required: true }],
      earlyEntryMinutes: 15,
      lateEntryMinutes: 30,
      isActive: true,
    };
    const key = { 'idempotency-key': 'type-once' };
    const made = await admin.browser.post('/api/v1/visit-types', settings, key);
    expect(made).toMatchObject({ status: 201, body: settings });
    expect((await admin.browser.post('/api/v1/visit-types', settings, key)).body).toEqual(made.body);
    const { id } = made.body as { id: string };
    const shown = async () =>
      ((await patient.browser.get('/api/v1/visit-types')).body as { visitTypes: { id: string }[] }).visitTypes.find(
        (type) => type.id === id,
      );
    expect(await shown()).toEqual({
      id,
      name: 'First visit',
      modality: 'video',
      durationMinutes: 40,
      minimumNoticeMinutes: 120,
      bookingHorizonDays: 60,
      cancelNoticeMinutes: 1440,
      seats: 1,
      intakeQuestions: settings.intakeQuestions,
    });
    const path = `/api/v1/visit-types/${id}`;
    expect((await admin.browser.write('PUT', path, { ...settings, stepMinutes: 60, isActive: false })).status).toBe(
      200,
    );
    expect(await shown()).toBeUndefined();
    const all = (await desk.browser.get('/api/v1/visit-types/settings')).body as { visitTypes: unknown[] };
    expect(all.visitTypes).toContainEqual({ ...settings, id, stepMinutes: 60, isActive: false });
    const [question] = settings.intakeQuestions;
    expect(
      await admin.browser.write('PUT', path, { ...settings, intakeQuestions: [question, question] }),
    ).toMatchObject({
      body: { detail: expect.stringMatching(/^intakeQuestions\.1: /) },
    });
    expect(await desk.browser.write('PUT', path, settings)).toMatchObject({ code: 'forbidden' });
    const nobody = '/api/v1/visit-types/00000000-0000-4000-8000-000000000001';
    expect(await admin.browser.write('PUT', nobody, settings)).toMatchObject({ code: 'not_found' });
  });

  it('say who may pay: administrators make and change payers, once whoever asks again', async () => {
    const key = { 'idempotency-key': 'payer-once' };
    const settings = { name: 'Health Fund', isActive: true };
    const made = await admin.browser.post('/api/v1/payers', settings, key);
    expect(made).toMatchObject({ status: 201, body: settings });
    expect((await admin.browser.post('/api/v1/payers', settings, key)).body).toEqual(made.body);
    expect((await admin.browser.post('/api/v1/payers', { ...settings, name: 'Other' }, key)).code).toBe(
      'idempotency_conflict',
    );
    const { id } = made.body as { id: string };
    const named = async () =>
      ((await patient.browser.get('/api/v1/payers')).body as { payers: { name: string }[] }).payers.filter(
        ({ name }) => name === 'Health Fund',
      );
    expect(await named()).toEqual([{ id, name: 'Health Fund' }]);
    const path = `/api/v1/payers/${id}`;
    expect((await admin.browser.write('PUT', path, { ...settings, isActive: false })).status).toBe(200);
    expect(await named()).toEqual([]);
    expect((await desk.browser.get('/api/v1/payers/settings')).body).toMatchObject({
      payers: expect.arrayContaining([{ id, name: 'Health Fund', isActive: false }]),
    });
    expect(await desk.browser.post('/api/v1/payers', settings)).toMatchObject({ code: 'forbidden' });
    expect(await admin.browser.write('PUT', `/api/v1/payers/${clinic.visitTypeId}`, settings)).toMatchObject({
      code: 'not_found',
    });
    const noted = await clinic.database.db
      .selectFrom('auditEvents')
      .where('resourceType', '=', 'payer')
      .where('resourceId', '=', id)
      .selectAll()
      .execute();
    expect(noted).toHaveLength(2);
  });

  it('let whoever books find providers by a part of their name', async () => {
    const found = async (search: string) =>
      ((await desk.browser.get(`/api/v1/providers?search=${search}`)).body as { providers: { id: string }[] })
        .providers;
    expect(await found('OF%20doc')).toMatchObject([{ id: provider.id }]);
    expect(await found('nobody')).toEqual([]);
    expect(await found('%25%25')).toEqual([]);
    expect(await desk.browser.get('/api/v1/providers?search=d')).toMatchObject({ code: 'bad_request' });
  });

  it('let the front desk find patients by a part of their name, and note whom it saw', async () => {
    const found = await desk.browser.post('/api/v1/patients/search', { search: 'of pa' });
    expect(found.body).toEqual({
      patients: [{ id: patient.id, displayName: 'Name of pat', timeZone: 'Europe/Berlin' }],
    });
    expect((await desk.browser.post('/api/v1/patients/search', { search: '%%' })).body).toEqual({ patients: [] });
    expect(await desk.browser.post('/api/v1/patients/search', { search: 'p' })).toMatchObject({ code: 'bad_request' });
    expect(await provider.browser.post('/api/v1/patients/search', { search: 'pat' })).toMatchObject({
      code: 'forbidden',
    });
    const seen = (await clinic.audit()).filter((row) => row.action === 'patients.search' && row.outcome === 'success');
    expect(seen.map((row) => row.patientId)).toEqual([patient.id, null]);
  });
});
