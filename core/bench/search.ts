import { randomInt } from 'node:crypto';
import type { SlotPage } from '@bedside/protocol';
import { type BenchClinic, cookieOf, SPECIALTIES } from './support/clinic.ts';
import { BenchBrowser, paced, percentile } from './support/load.ts';
import type { BenchServer } from './support/server.ts';

const DAY_MS = 86_400_000;
const CONNECTIONS = 16;

/** A week of anybody, of a specialty or of one provider, from some day of the month ahead; page of twenty. */
const randomSearch = (clinic: BenchClinic): URLSearchParams => {
  const fromMs = Date.now() + randomInt(20) * DAY_MS;
  const query = new URLSearchParams({
    visitTypeId: clinic.visitTypeId,
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + 7 * DAY_MS).toISOString(),
  });
  const kind = randomInt(10);
  const specialty = SPECIALTIES[randomInt(SPECIALTIES.length)];
  const providerId = clinic.providerIds[randomInt(clinic.providerIds.length)];
  if (kind < 4 && specialty !== undefined) query.set('specialty', specialty);
  else if (kind < 6 && providerId !== undefined) query.set('providerId', providerId);
  return query;
};

const somePatient = (clinic: BenchClinic): string => {
  const id = clinic.patientIds[randomInt(clinic.patientIds.length)];
  if (id === undefined) throw new Error('A clinic without patients.');
  return cookieOf(id);
};

export interface SearchFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answered one after the other on as many connections, per second. */
  readonly perSecond: number;
}

/** Searches over HTTP, at a rate that a large clinic does not reach. */
export const measureSearch = async (
  clinic: BenchClinic,
  server: BenchServer,
  options: { readonly path: '/api/v1/slots' | '/slot-rows'; readonly perSecond: number; readonly count: number },
): Promise<SearchFigures> => {
  const browser = new BenchBrowser(server.origin, CONNECTIONS);
  const send = async () => {
    const query = randomSearch(clinic);
    if (options.path === '/slot-rows') query.set('organizationId', clinic.organizationId);
    else query.set('zone', 'Europe/Berlin');
    const answer = await browser.send({
      method: 'GET',
      path: `${options.path}?${query}`,
      cookie: somePatient(clinic),
    });
    if (answer.status !== 200) throw new Error(`A search was answered ${answer.status}: ${answer.body}`);
  };
  // Compiled code, warm caches and a plan on each of core's connections, as after the first minutes of a day.
  const warm = Math.min(400, options.count) / CONNECTIONS;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let index = 0; index < warm; index++) await send();
    }),
  );
  const took = await paced({ ...options, send });
  const beganAt = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let index = 0; index < options.count / 8; index++) await send();
    }),
  );
  const perSecond = (options.count / (performance.now() - beganAt)) * 1000;
  browser.close();
  return { p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), perSecond };
};

/** From the sending of a change of somebody's hours to the answer of the first search that shows it; the median. */
export const measureChange = async (clinic: BenchClinic, server: BenchServer, times: number): Promise<number> => {
  const browser = new BenchBrowser(server.origin, 4);
  const took: number[] = [];
  for (let index = 0; index < times; index++) {
    const providerId = clinic.providerIds[index];
    if (providerId === undefined) break;
    const cookie = cookieOf(clinic.deskId);
    const path = `/api/v1/providers/${providerId}/availability`;
    const before = JSON.parse((await browser.send({ method: 'GET', path, cookie })).body) as Record<string, unknown>;
    // Night hours: nobody had them before.
    const rules = [{ kind: 'open', startsOn: '2024-01-01', startsAt: '20:00', endsAt: '23:00', rrule: 'FREQ=DAILY' }];
    const query = new URLSearchParams({
      visitTypeId: clinic.visitTypeId,
      providerId,
      from: new Date().toISOString(),
      to: new Date(Date.now() + 7 * DAY_MS).toISOString(),
    });
    const beganAt = performance.now();
    const saved = await browser.send({
      method: 'PUT',
      path,
      cookie,
      body: { timeZone: before.timeZone, version: before.version, rules },
    });
    if (saved.status !== 200) throw new Error(`A change was answered ${saved.status}: ${saved.body}`);
    for (;;) {
      const answer = await browser.send({ method: 'GET', path: `/api/v1/slots?${query}`, cookie });
      const { days } = JSON.parse(answer.body) as SlotPage;
      if (days.every((day) => day.slots.length <= 6) && days.length > 0) break;
    }
    took.push(performance.now() - beganAt);
  }
  browser.close();
  return percentile(took, 0.5);
};
