import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AppointmentId, OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import type { Db } from '../../src/db/database.ts';
import { type CalendarFaults, calendarFaults } from './booking.ts';

/** What a racing process is given. Instants in milliseconds; its clock runs `clockSpeed` times as fast as the wall's. */
export interface RaceJob {
  readonly connectionString: string;
  readonly organizationId: OrganizationId;
  readonly providerIds: readonly PersonId[];
  readonly patientIds: readonly PersonId[];
  readonly visitTypeIds: readonly VisitTypeId[];
  readonly startsAt: readonly number[];
  readonly seed: number;
  readonly loops: number;
  /** What each loop does, in acts. */
  readonly turns: number;
  readonly startedAt: number;
  readonly clockAt: number;
  readonly clockSpeed: number;
}

export type RaceLine =
  | { readonly say: 'try'; readonly kind: string; readonly key: string; readonly of?: string }
  | {
      readonly say: 'done';
      readonly kind: string;
      readonly key: string;
      readonly id: AppointmentId;
      readonly status: string;
      readonly of?: string;
    }
  | { readonly say: 'refused'; readonly kind: string; readonly key: string; readonly code: string }
  | { readonly say: 'failed'; readonly message: string }
  | { readonly say: 'finished' };

export interface RaceReport {
  readonly attempts: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly killed: number;
  /** Errors that are no refusals. */
  readonly failures: readonly string[];
  /** Acknowledged visits that are not there, or not as acknowledged although nobody changed them. */
  readonly lost: readonly string[];
  /** Visits that nobody was told of although nobody who could have asked for them died. */
  readonly unasked: readonly string[];
  readonly faults: CalendarFaults;
}

/** Loops of one process that run at once. */
const LOOPS = 4;
const WORKER = fileURLToPath(new URL('./race-worker.ts', import.meta.url));

const start = (job: RaceJob, onLine: (line: RaceLine) => void): { child: ChildProcess; closed: Promise<unknown> } => {
  const child = spawn(process.execPath, [WORKER, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no standard output');
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    // The last line of a process that was killed may be half a line.
    if (line.endsWith('}')) onLine(JSON.parse(line) as RaceLine);
  });
  child.once('exit', (code, signal) => {
    if (code !== 0 && signal !== 'SIGKILL') onLine({ say: 'failed', message: `ended with ${code ?? signal}` });
  });
  return { child, closed: Promise.all([once(child, 'exit'), once(reader, 'close')]) };
};

/**
 * Lets several processes race for the same calendars, kills some of them with SIGKILL in the middle and puts others in
 * their place, then looks at what is left.
 */
export const runRaces = async (
  db: Db,
  race: Omit<RaceJob, 'startedAt' | 'loops'> & {
    readonly processes: number;
    readonly kills: number;
  },
): Promise<RaceReport> => {
  const { processes, kills, ...rest } = race;
  const startedAt = Date.now();
  const lines: RaceLine[] = [];
  let seed = race.seed * 1000;
  let killed = 0;
  const all: ReturnType<typeof start>[] = [];
  /** Kills in the middle of its work whoever was launched first and is alive, each time so much was attempted. */
  const killEvery = Math.ceil((processes * LOOPS * rest.turns) / (2 * (kills + 1)));
  const launch = (): void => {
    all.push(start({ ...rest, seed: seed++, loops: LOOPS, startedAt }, onLine));
  };
  const onLine = (line: RaceLine): void => {
    lines.push(line);
    if (line.say !== 'try' || killed >= kills) return;
    if (lines.filter((one) => one.say === 'try').length < killEvery * (killed + 1)) return;
    all[killed]?.child.kill('SIGKILL');
    killed += 1;
    launch();
  };
  for (let count = 0; count < processes; count++) launch();
  // Those launched in the place of others join the list while it is gone through.
  for (const { closed } of all) await closed;
  return { ...(await judge(db, race.organizationId, lines)), killed };
};

const judge = async (
  db: Db,
  organizationId: OrganizationId,
  lines: readonly RaceLine[],
): Promise<Omit<RaceReport, 'killed'>> => {
  const tries = new Map(lines.flatMap((line) => (line.say === 'try' ? [[line.key, line]] : [])));
  const done = lines.flatMap((line) => (line.say === 'done' ? [line] : []));
  const answered = new Set(lines.flatMap((line) => (line.say === 'done' || line.say === 'refused' ? [line.key] : [])));
  const touched = new Set([...tries.values()].flatMap((line) => (line.of === undefined ? [] : [line.of])));
  const rows = await db
    .selectFrom('appointments')
    .where('organizationId', '=', organizationId)
    .select(['id', 'status', 'rescheduledTo'])
    .execute();
  const found = new Map<string, (typeof rows)[number]>(rows.map((row) => [row.id, row]));
  const keys = await db.selectFrom('idempotencyKeys').select(['key', 'resourceId']).execute();
  const keyOf = new Map(keys.map((row) => [row.resourceId, row.key]));

  const lost = done.flatMap((line) => {
    const row = found.get(line.id);
    if (row === undefined) return [`${line.kind} ${line.id} is not there`];
    if (line.kind === 'cancel') return row.status === 'cancelled' ? [] : [`${line.id} was cancelled, is ${row.status}`];
    const old = line.of === undefined ? undefined : found.get(line.of);
    if (line.kind === 'move' && old?.rescheduledTo !== line.id) return [`${line.of} was moved, and is not`];
    return touched.has(line.id) || row.status === 'booked' ? [] : [`${line.id} was booked, is ${row.status}`];
  });
  const acknowledged = new Set<string>(done.map((line) => line.id));
  const unasked = rows.flatMap((row) => {
    if (acknowledged.has(row.id)) return [];
    const key = keyOf.get(row.id);
    return key !== undefined && tries.has(key) && !answered.has(key) ? [] : [row.id];
  });
  return {
    attempts: tries.size,
    acknowledged: done.length,
    refused: lines.filter((line) => line.say === 'refused').length,
    failures: lines.flatMap((line) => (line.say === 'failed' ? [line.message] : [])),
    lost,
    unasked,
    faults: await calendarFaults(db, organizationId),
  };
};
