import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileKek } from '../src/phi/kek/file-kek.ts';
import { KekAway } from '../src/phi/kek/port.ts';
import { KekRing } from '../src/phi/kek/ring.ts';
import { rotateKek } from '../src/phi/rotation.ts';
import { type Clinic, startClinic, startVisit } from './support/clinic.ts';
import { addPeopleWithKeys, keksInUse } from './support/many-keys.ts';
import { TestKek } from './support/phi.ts';

const PROGRAM = fileURLToPath(new URL('./support/rotate-keys.ts', import.meta.url));
const KEYS = 4_000;

describe('changing the key encryption key', () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await startClinic();
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  const rotating = (): ChildProcess =>
    spawn(process.execPath, [PROGRAM, clinic.config.databaseUrl, clinic.config.phi.keyFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout ?? process.stdin });

  it('wraps every key anew while requests go on, and goes on where it was killed', async () => {
    const { patient, visit, guest, host } = await startVisit(clinic);
    await clinic.ask('sendMessage', { ...guest, clientMessageId: randomUUID(), text: 'before' });
    const { keyFile } = clinic.config.phi;
    const { db } = clinic.database;
    await addPeopleWithKeys(db, { organizationId: clinic.organizationId, keyFile, count: KEYS });

    let over = false;
    let answered = 0;
    const failed: unknown[] = [];
    const requests = (async () => {
      while (!over) {
        // Each finds no key in memory.
        clinic.clock.now += 1;
        const [read] = await Promise.all([
          patient.browser.get(`/api/v1/encounters/${visit.encounterId}/messages`),
          clinic
            .ask('sendMessage', { ...host, clientMessageId: randomUUID(), text: 'meanwhile' })
            .catch((error: unknown) => failed.push(error)),
          clinic.core.provisioning
            .upsertPerson({
              key: `new-${answered}`,
              organizationId: clinic.organizationId,
              displayName: 'New',
              timeZone: 'UTC',
              roles: ['patient'],
              identities: [],
              contacts: { email: `${answered}@example.net` },
            })
            .catch((error: unknown) => failed.push(error)),
        ]);
        if (read.status !== 200 || read.text.includes('unreadable')) failed.push(read.text);
        answered += 1;
      }
    })();

    const first = rotating();
    for await (const line of linesOf(first)) if (Number(line) >= 1_000) break;
    first.kill('SIGKILL');
    await once(first, 'exit');
    const halfway = await keksInUse(db);
    expect(halfway).toMatchObject({ known: 2 });
    expect(halfway.wraps).toHaveLength(2);

    const second = rotating();
    const said: string[] = [];
    for await (const line of linesOf(second)) said.push(line);
    over = true;
    await requests;
    expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({ isComplete: true, broken: 0 });
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(3);
    const after = await keksInUse(db);
    expect(after.known).toBe(1);
    expect(after.wraps).toHaveLength(1);
    expect(after.wraps[0]).toBeGreaterThan(KEYS);
    // The old one stays in the file: backups need it.
    expect(JSON.parse(await readFile(keyFile, 'utf8')).keys).toHaveLength(2);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    clinic.clock.now += clinic.config.phi.cacheMs;
    const thread = await patient.browser.get(`/api/v1/encounters/${visit.encounterId}/messages`);
    expect(thread.text).toContain('meanwhile');
    expect(thread.text).not.toContain('unreadable');
    const acts = (await clinic.audit()).map((row) => row.action).filter((action) => action.startsWith('phi.'));
    expect(acts).toEqual(['phi.rotate-begin', 'phi.rotate-complete']);
  }, 90_000);

  const rotate = (ring: KekRing) =>
    rotateKek({ database: clinic.database.asSystem('phi'), ring, clock: () => clinic.clock.now });

  it('does nothing before anything was sealed, and leaves a key that somebody changed with its old one', async () => {
    const { db } = clinic.database;
    const { keyFile } = clinic.config.phi;
    const ring = new KekRing([new FileKek(keyFile)], 'file');
    expect(await rotate(ring)).toBeUndefined();
    await addPeopleWithKeys(db, { organizationId: clinic.organizationId, keyFile, count: 20 });
    await sql`UPDATE data_keys SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)
      WHERE id = (SELECT min(id::text)::uuid FROM data_keys)`.execute(db);
    expect(await rotate(ring)).toMatchObject({ rewrapped: 19, broken: 1, isComplete: false });
    expect(await keksInUse(db)).toMatchObject({ known: 2 });
    // Again it is the same rotation, and does the same.
    expect(await rotate(ring)).toMatchObject({ rewrapped: 0, broken: 1, isComplete: false });
    await sql`UPDATE data_keys SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)
      WHERE id = (SELECT min(id::text)::uuid FROM data_keys)`.execute(db);
    expect(await rotate(ring)).toMatchObject({ rewrapped: 1, broken: 0, isComplete: true });
    await ring.close();
  });

  it('does not begin with a key that does not work, and goes on to another kind of key', async () => {
    const { db } = clinic.database;
    const { keyFile } = clinic.config.phi;
    await addPeopleWithKeys(db, { organizationId: clinic.organizationId, keyFile, count: 20 });
    const token = new TestKek('pkcs11');
    const ring = new KekRing([new FileKek(keyFile), token], 'pkcs11');
    token.isAway = true;
    await expect(rotate(ring)).rejects.toBeInstanceOf(KekAway);
    expect(await keksInUse(db)).toEqual({ wraps: [20], known: 1 });
    token.isAway = false;
    expect(await rotate(ring)).toEqual({ kekId: 'pkcs11:test-2', rewrapped: 20, broken: 0, isComplete: true });
    await ring.close();
  });
});
