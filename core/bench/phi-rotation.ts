/**
 * `npm run phi:rotate:bench [-- --keys 1000000]`: the key encryption key is changed under a clinic with so many data keys,
 * by the program that `npm run phi:rotate` is, which is killed once on the way, while patients read and write. Says how
 * long it took, how many requests failed, and how long they took. The last line is one JSON object.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRegistry, silentLogger, systemClock } from '@bedside/kit';
import { createEvents } from '../src/events.ts';
import { createPhi } from '../src/phi/create-phi.ts';
import { personOwner } from '../src/phi/owner.ts';
import { addPeopleWithKeys, keksInUse } from '../test/support/many-keys.ts';
import { startBenchClinic } from './support/clinic.ts';
import { percentile } from './support/load.ts';
import { benchConfig } from './support/server.ts';

const PROGRAM = fileURLToPath(new URL('../test/support/rotate-keys.ts', import.meta.url));
const CLIENTS = 2;

const { keys } = parseArgs({ options: { keys: { type: 'string', default: '1000000' } } }).values;
const count = Number(keys);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await using clinic = await startBenchClinic({ providers: 4, patients: 200 });
const { organizationId, patientIds } = clinic;
const config = benchConfig(clinic).phi;
const { keyFile } = config;
// Nothing is kept in memory, so that every request needs the key that is being changed.
const phi = createPhi(
  { ...config, cacheKeys: 0 },
  { clock: systemClock, events: createEvents(silentLogger, createRegistry()) },
);
const { db } = clinic.database;
say(`making ${count} people with a wrapped data key each`);
await addPeopleWithKeys(db, { organizationId, keyFile, count });

/** Seals something for a patient and opens it again. */
const failures: unknown[] = [];
const took: number[] = [];
let isOver = false;
const scoped = clinic.database.asSystem('set-up', { organizationId }).db;
const request = async (index: number): Promise<void> => {
  const patientId = patientIds[index % patientIds.length];
  if (patientId === undefined) return;
  const owner = personOwner(organizationId, patientId);
  const place = { table: 'messages', column: 'text', row: randomUUID() };
  const begunAt = performance.now();
  const sealed = await phi.seal(scoped, owner, place, 'How are you today?');
  const opened = await phi.open(scoped, { owner, place, sealed });
  if (opened.kind !== 'text') throw new Error(opened.kind);
  took.push(performance.now() - begunAt);
};
const client = async (first: number): Promise<void> => {
  for (let index = first; !isOver; index += CLIENTS)
    await request(index).catch((error: unknown) => void failures.push(error));
};

const rotate = async (killAt: number | undefined): Promise<string> => {
  const child = spawn(process.execPath, [PROGRAM, clinic.databaseUrl, keyFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (killAt !== undefined && Number(line) >= killAt) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
};

const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
const begunAt = performance.now();
await rotate(count / 3);
say(`killed; ${JSON.stringify(await keksInUse(db))}`);
const result = await rotate(undefined);
const seconds = (performance.now() - begunAt) / 1_000;
isOver = true;
await Promise.all(clients);
const after = await keksInUse(db);
say(`rotation: ${result}`);
say(`requests meanwhile: ${took.length}, failed ${failures.length}, p99 ${percentile(took, 0.99).toFixed(1)} ms`);
if (failures.length > 0) say(String(failures[0]));
await phi.close();
const isWhole = failures.length === 0 && after.known === 1 && after.wraps.length === 1;
if (!isWhole) process.exitCode = 1;
say(
  JSON.stringify({
    keys: after.wraps[0] ?? 0,
    seconds: Math.round(seconds),
    keysPerS: Math.round(count / seconds),
    requests: took.length,
    failed: failures.length,
    p99Ms: Number(percentile(took, 0.99).toFixed(1)),
  }),
);
