import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Day } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_STREAMS_PER_PERSON } from '../src/encounters/day-feed.ts';
import { type Clinic, MINUTE_MS, type Somebody, START, startClinic } from './support/clinic.ts';

const openStream = async (clinic: Clinic, who: Somebody): Promise<IncomingMessage> => {
  const request = get(`${clinic.origin}/api/v1/day/events`, {
    headers: { cookie: `bedside_session=${who.cookie}` },
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
};

const nextChunk = async (stream: IncomingMessage): Promise<string> => String((await once(stream, 'data'))[0]);

describe('the provider’s day', () => {
  let clinic: Clinic;
  let patient: Somebody;
  let provider: Somebody;
  beforeAll(async () => {
    clinic = await startClinic();
    patient = await clinic.person('pat', 'patient');
    provider = await clinic.person('doc', 'provider');
  });
  afterAll(() => clinic[Symbol.asyncDispose]());
  const day = async (date?: string) =>
    Day.parse((await provider.browser.get(`/api/v1/day${date === undefined ? '' : `?date=${date}`}`)).body);

  it('is a day of the provider’s zone, and shows who waits since when', async () => {
    // 23:30 of the same day in Berlin, and 00:30 of the next.
    await clinic.book({ patient, provider, startsAt: Date.parse('2026-03-02T22:30:00.000Z') });
    await clinic.book({ patient, provider, startsAt: Date.parse('2026-03-02T23:30:00.000Z') });
    const visit = await clinic.book({ patient, provider });
    const guest = await clinic.enter(patient, visit);
    await clinic.ask('setPresence', { ...guest, presence: 'device-check', connected: true });
    clinic.clock.now += MINUTE_MS;
    await clinic.ask('setPresence', { ...guest, presence: 'ready', connected: true });
    clinic.clock.now += MINUTE_MS;
    const today = await day();
    expect(today).toMatchObject({ date: '2026-03-02', timeZone: 'Europe/Berlin' });
    expect(today.entries.map((entry) => [entry.patientPresence, entry.patientConnected, entry.waitingSince])).toEqual([
      ['ready', true, new Date(START + MINUTE_MS).toISOString()],
      ['absent', false, undefined],
    ]);
    expect((await day('2026-03-03')).entries).toHaveLength(1);
    expect((await clinic.audit()).at(-1)).toMatchObject({
      action: 'day.read',
      personId: provider.id,
      patientId: patient.id,
    });
    // Signaling is silent for longer than a grant lives: nobody knows whether the patient is still there.
    clinic.clock.now += 5 * MINUTE_MS;
    expect((await day()).entries[0]).toMatchObject({ patientPresence: 'ready', patientConnected: false });
    await clinic.ask('renewGrant', guest);
    expect((await day()).entries[0]).toMatchObject({ patientConnected: true });
  });

  it('holds a visit that goes on past midnight, before it and after', async () => {
    const late = await clinic.person('late', 'provider');
    const guest = await clinic.person('night-owl', 'patient');
    // 23:55 in Berlin.
    const visit = await clinic.book({
      patient: guest,
      provider: late,
      startsAt: Date.parse('2026-03-05T22:55:00.000Z'),
    });
    const idsOf = async (date: string) =>
      Day.parse((await late.browser.get(`/api/v1/day?date=${date}`)).body).entries.map(
        ({ appointment }) => appointment.id,
      );
    expect(await idsOf('2026-03-05')).toEqual([visit.appointmentId]);
    expect(await idsOf('2026-03-06')).toEqual([visit.appointmentId]);
    expect(await idsOf('2026-03-04')).toEqual([]);
    expect(await idsOf('2026-03-07')).toEqual([]);
  });

  it('tells that it changed, to the provider whose it is', async () => {
    const other = await clinic.person('doc2', 'provider');
    const [own, others] = [await openStream(clinic, provider), await openStream(clinic, other)];
    expect(own.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect([await nextChunk(own), await nextChunk(others)]).toEqual(['retry: 2000\n\n', 'retry: 2000\n\n']);
    const [told, toldOther] = [nextChunk(own), nextChunk(others)];
    await clinic.book({ patient, provider, startsAt: START + 120 * MINUTE_MS });
    expect(await told).toBe('event: day-changed\ndata: {}\n\n');
    const second = await clinic.person('pat2', 'patient');
    await clinic.book({ patient: second, provider: other, startsAt: START + 120 * MINUTE_MS });
    expect(await toldOther).toBe('event: day-changed\ndata: {}\n\n');
    own.destroy();
    others.destroy();
  });

  it('tells so in a bounded number of pages, and no longer than the session', async () => {
    const busy = await clinic.person('busy', 'provider');
    const streams = [];
    for (let count = 0; count < MAX_STREAMS_PER_PERSON; count++) streams.push(await openStream(clinic, busy));
    expect(await busy.browser.get('/api/v1/day/events')).toMatchObject({ status: 429, code: 'rate_limited' });
    const ended = streams.map((stream) => once(stream.resume(), 'end'));
    // At once, and not with the next keep-alive, which is further off than this test may take.
    expect((await busy.browser.post('/auth/logout')).status).toBe(200);
    await Promise.all(ended);
  }, 10_000);

  it('ends its streams when core closes', async () => {
    const stop = await startClinic();
    const doctor = await stop.person('doc', 'provider');
    const stream = await openStream(stop, doctor);
    const ended = once(stream.resume(), 'end');
    await stop.core.close();
    await ended;
    await stop[Symbol.asyncDispose]();
  });
});
