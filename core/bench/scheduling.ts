/**
 * `npm run bench:scheduling`: a clinic of 10,000 providers and 30 days, three fifths booked. Measures the full layout of
 * days, slot search over HTTP, a change until search shows it, and bookings over HTTP; beside them, in the same run, the
 * same search from one row a slot and the same booking as a serializable check-then-insert. The last line is one JSON
 * object. Options: --providers 10000 --seconds 15 --rate 100.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { rebuildOrganization } from '../src/scheduling/organization-change.ts';
import { measureBookings } from './bookings.ts';
import { measureChange, measureSearch } from './search.ts';
import { type BenchClinic, bookAtRandom, refreshSessions, startBenchClinic } from './support/clinic.ts';
import { benchContext } from './support/context.ts';
import { startBenchServer } from './support/server.ts';
import { makeSlotRows } from './support/slot-rows.ts';

const { values } = parseArgs({
  options: {
    providers: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '15' },
    rate: { type: 'string', default: '100' },
  },
});
const providers = Number(values.providers);
const seconds = Number(values.seconds);
const perSecond = Number(values.rate);
const BOOKED_SHARE = 0.6;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
  const beganAt = performance.now();
  const result = await work();
  return [result, (performance.now() - beganAt) / 1000];
};

const layOut = async (clinic: BenchClinic): Promise<number> => {
  const [, took] = await timed(() => rebuildOrganization(benchContext(clinic), clinic.organizationId));
  return took;
};

say(`${providers} providers, 30 days, ${availableParallelism()} cores`);
await using clinic = await startBenchClinic({ providers, patients: 5_000 });
const rebuildS = await layOut(clinic);
const { count: dayCount } = await clinic.database.db
  .selectFrom('slotDays')
  .select((select) => select.fn.countAll<string>().as('count'))
  .executeTakeFirstOrThrow();
say(`all days laid out from nothing: ${rebuildS.toFixed(1)} s for ${dayCount} days`);
const again = await layOut(clinic);
say(`laid out again, nothing changed: ${again.toFixed(1)} s`);
const [booked, bookedS] = await timed(() => bookAtRandom(clinic, BOOKED_SHARE));
say(`${booked} visits booked (${bookedS.toFixed(0)} s)`);

await using server = await startBenchServer(clinic);
const count = perSecond * seconds;
await refreshSessions(clinic);
const search = await measureSearch(clinic, server, { path: '/api/v1/slots', perSecond, count });
say(
  `search at ${perSecond}/s: p50 ${search.p50Ms.toFixed(2)} ms, p99 ${search.p99Ms.toFixed(2)} ms; at most ${search.perSecond.toFixed(0)}/s`,
);
const changeVisibleMs = await measureChange(clinic, server, 20);
say(`a change of hours is seen after ${changeVisibleMs.toFixed(1)} ms`);

const rows = await makeSlotRows(clinic);
const old = await measureSearch(clinic, server, { path: '/slot-rows', perSecond: 1, count: Math.min(30, count) });
say(`the same search from ${rows} rows, one a slot: p50 ${old.p50Ms.toFixed(1)} ms, p99 ${old.p99Ms.toFixed(1)} ms`);

await refreshSessions(clinic);
const bookings = await measureBookings(clinic, server, { seconds });
say(
  `bookings: ${bookings.bookingsPerS.toFixed(0)}/s, p50 ${bookings.bookingP50Ms.toFixed(1)} ms, p99 ${bookings.bookingP99Ms.toFixed(1)} ms, ${bookings.refused} refused; ${bookings.bookingRatio.toFixed(1)} times a serializable check-then-insert`,
);

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
say(
  JSON.stringify({
    searchP99Ms: round(search.p99Ms, 2),
    rebuildS: round(rebuildS, 1),
    changeVisibleMs: round(changeVisibleMs, 1),
    bookingsPerS: round(bookings.bookingsPerS, 0),
    bookingP99Ms: round(bookings.bookingP99Ms, 1),
    searchRatio: round(old.p50Ms / search.p50Ms, 1),
    bookingRatio: round(bookings.bookingRatio, 1),
  }),
);
