import type { CalendarFeed } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';
import { addProvider, bookSlot, cancel } from './support/queue.ts';

const TEN = START + 24 * 60 * MINUTE_MS;

describe('calendar feeds', () => {
  let clinic: Clinic;
  let provider: Somebody;
  let patient: Somebody;
  let stranger: Browser;
  beforeAll(async () => {
    clinic = await startClinic();
    provider = await addProvider(clinic, 'doc');
    patient = await clinic.person('pat', 'patient');
    stranger = new Browser(clinic.origin);
    await bookSlot(clinic, { patient, provider, startsAt: TEN });
    await cancel(patient, await bookSlot(clinic, { patient, provider, startsAt: TEN + 60 * MINUTE_MS }));
  });
  afterAll(() => clinic[Symbol.asyncDispose]());

  const make = async (who: Somebody, view: string, key?: string): Promise<CalendarFeed & { url: string }> => {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await who.browser.post('/api/v1/calendar-feeds', { view }, headers);
    expect(answer.status).toBe(201);
    return answer.body as CalendarFeed & { url: string };
  };

  it.each(['patient', 'provider'] as const)('SCH14 show a %s when, and nobody with whom', async (view) => {
    const { url } = await make(view === 'patient' ? patient : provider, view);
    const answer = await stranger.get(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const lines = answer.text.split('\r\n');
    expect(lines.filter((line) => line.startsWith('DTSTART'))).toEqual([
      'DTSTART:20260303T090000Z',
      'DTSTART:20260303T100000Z',
    ]);
    expect(lines.filter((line) => line.startsWith('STATUS'))).toEqual(['STATUS:CONFIRMED', 'STATUS:CANCELLED']);
    expect(answer.text).not.toMatch(/Name of|pat\b|doc\b/);
    expect(new Set(lines.filter((line) => line.startsWith('SUMMARY')))).toEqual(
      new Set([view === 'patient' ? 'SUMMARY:Video visit' : 'SUMMARY:Visit']),
    );
  });

  it('tell their address once, and when they were read', async () => {
    const { id, url } = await make(patient, 'patient', 'feed-once');
    await stranger.get(url);
    const { feeds } = (await patient.browser.get('/api/v1/calendar-feeds')).body as { feeds: CalendarFeed[] };
    expect(feeds.find((feed) => feed.id === id)).toEqual({
      id,
      view: 'patient',
      createdAt: new Date(clinic.clock.now).toISOString(),
      readAt: new Date(clinic.clock.now).toISOString(),
    });
    // The same request again is the same feed; of its first address nothing is kept that could be told again.
    const again = await make(patient, 'patient', 'feed-once');
    expect(again.id).toBe(id);
    expect((await stranger.get(again.url)).status).toBe(200);
    expect((await stranger.get(url)).status).toBe(404);
    const read = (await clinic.audit()).filter(
      (entry) => entry.action === 'feeds.read' && entry.patientId === patient.id,
    );
    expect(read.at(-1)).toMatchObject({ personId: patient.id, role: 'patient', outcome: 'success' });
  });

  it('answer the same to an address that never was and to one that is no more', async () => {
    const { id, url } = await make(patient, 'patient');
    expect((await provider.browser.write('DELETE', `/api/v1/calendar-feeds/${id}`)).code).toBe('not_found');
    expect((await stranger.get(url)).status).toBe(200);
    expect((await patient.browser.write('DELETE', `/api/v1/calendar-feeds/${id}`)).status).toBe(204);
    const gone = await stranger.get(url);
    const never = await stranger.get(`/api/v1/feeds/${'a'.repeat(43)}.ics`);
    const nonsense = await stranger.get('/api/v1/feeds/nonsense.ics');
    const bodies = [gone, never, nonsense].map((answer) => ({ ...(answer.body as object), requestId: undefined }));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(gone).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('end with the account, and with the role that they are a view of', async () => {
    const somebody = await clinic.person('leaver', 'patient', 'provider');
    const feeds = [await make(somebody, 'provider'), await make(somebody, 'patient')];
    const statuses = async () => Promise.all(feeds.map(async ({ url }) => (await stranger.get(url)).status));
    expect(await statuses()).toEqual([200, 200]);
    const { db } = clinic.database;
    await db.deleteFrom('accountRoles').where('personId', '=', somebody.id).where('role', '=', 'provider').execute();
    expect(await statuses()).toEqual([404, 200]);
    await db.updateTable('people').set({ isActive: false }).where('id', '=', somebody.id).execute();
    expect(await statuses()).toEqual([404, 404]);
  });

  it('are no view of a role that one does not have, and not more than ten', async () => {
    expect((await patient.browser.post('/api/v1/calendar-feeds', { view: 'provider' })).code).toBe('forbidden');
    const many = await clinic.person('many', 'patient');
    for (let index = 0; index < 10; index += 1) await make(many, 'patient');
    const refused = await many.browser.post('/api/v1/calendar-feeds', { view: 'patient' });
    expect(refused).toMatchObject({ status: 400, code: 'bad_request' });
    expect((refused.body as { detail: string }).detail).toMatch(/^view:/);
  });
});
