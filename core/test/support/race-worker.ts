import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { AppError, type Appointment, type Hold, type PersonId } from '@bedside/protocol';
import { openServices, patientCaller } from './race-context.ts';
import type { RaceJob, RaceLine } from './races.ts';

// One of several processes that book, hold, move and cancel at random on one database until they are told or killed.
// What it is about to do and what it was answered goes to standard output at once, a JSON line each.

const job = JSON.parse(process.argv[2] ?? '') as RaceJob;
const services = openServices(job.connectionString, () => job.clockAt + (Date.now() - job.startedAt) * job.clockSpeed);
const say = (line: RaceLine) => void writeSync(1, `${JSON.stringify(line)}\n`);

/** mulberry32: small, and the same from the same seed. */
const randomOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

type Kind = 'book' | 'bookHeld' | 'cancel' | 'move';

const attempt = async (kind: Kind, of: string | undefined, work: (key: string) => Promise<Appointment>) => {
  const key = randomUUID();
  say({ say: 'try', kind, key, ...(of === undefined ? {} : { of }) });
  try {
    const { id, status } = await work(key);
    say({ say: 'done', kind, key, id, status, ...(of === undefined ? {} : { of }) });
    return id;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    say({ say: 'refused', kind, key, code: error.code });
    return undefined;
  }
};

const ignoreRefusal = (error: unknown): undefined => {
  if (!(error instanceof AppError)) throw error;
  return undefined;
};

interface Racer {
  readonly random: () => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly own: { readonly id: Appointment['id']; readonly patientId: PersonId }[];
  readonly held: { readonly hold: Hold; readonly patientId: PersonId }[];
}

const callerFor = (patientId: PersonId) => patientCaller(job.organizationId, patientId);

const takeAny = <Item>({ random }: Racer, items: Item[]): Item | undefined =>
  items.splice(Math.floor(random() * items.length), 1)[0];

const wantedBy = ({ random, pick }: Racer) => ({
  providerId: pick(job.providerIds),
  visitTypeId: pick(job.visitTypeIds),
  startsAt: new Date(pick(job.startsAt)).toISOString(),
  additional: random() < 0.1 ? [{ personId: pick(job.providerIds), role: 'interpreter' as const }] : [],
});

const book = async (racer: Racer) => {
  const patientId = racer.pick(job.patientIds);
  const request = { ...wantedBy(racer), answers: {} };
  const id = await attempt('book', undefined, (key) => services.bookings.book(callerFor(patientId), request, key));
  if (id !== undefined) racer.own.push({ id, patientId });
};

const hold = async (racer: Racer) => {
  const patientId = racer.pick(job.patientIds);
  const made = await services.holds.make(callerFor(patientId), wantedBy(racer), undefined).catch(ignoreRefusal);
  if (made !== undefined) racer.held.push({ hold: made, patientId });
};

const useHold = async (racer: Racer) => {
  const one = takeAny(racer, racer.held);
  if (one === undefined) return;
  const { id: holdId, token } = one.hold;
  const holder = callerFor(one.patientId);
  if (racer.random() < 0.2) {
    await services.holds.extend(holder, holdId, token).catch(ignoreRefusal);
    await services.holds.release(holder, holdId, token).catch(ignoreRefusal);
    return;
  }
  const id = await attempt('bookHeld', undefined, (key) =>
    services.bookings.book(holder, { holdId, token, answers: {} }, key),
  );
  if (id !== undefined) racer.own.push({ id, patientId: one.patientId });
};

const cancel = async (racer: Racer) => {
  const one = takeAny(racer, racer.own);
  if (one === undefined) return;
  const change = { version: 1, reason: '' };
  await attempt('cancel', one.id, () => services.appointments.cancel(callerFor(one.patientId), one.id, change));
};

const move = async (racer: Racer) => {
  const one = takeAny(racer, racer.own);
  if (one === undefined) return;
  const { startsAt, providerId } = wantedBy(racer);
  const change = { version: 1, reason: '', startsAt, providerId };
  const who = callerFor(one.patientId);
  const id = await attempt('move', one.id, (key) => services.appointments.reschedule(who, one.id, change, key));
  racer.own.push({ id: id ?? one.id, patientId: one.patientId });
};

const ACTS = [book, book, book, hold, hold, useHold, useHold, cancel, move];

const race = async (seed: number) => {
  const random = randomOf(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const racer: Racer = { random, pick, own: [], held: [] };
  for (let turn = 0; turn < job.turns; turn++) await pick(ACTS)(racer);
};

try {
  await Promise.all(Array.from({ length: job.loops }, (_, index) => race(job.seed * 100 + index)));
  say({ say: 'finished' });
} catch (error) {
  say({ say: 'failed', message: error instanceof Error ? error.message : String(error) });
} finally {
  await services.database.close();
}
