import { generateKeyPairSync } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../src/audit/audit.ts';
import { EVIDENCE_COLUMNS } from '../src/audit/audit-record.ts';
import { FilePort } from '../src/audit/publish/file-port.ts';
import { publishPending } from '../src/audit/publish/publisher.ts';
import { headHashAt } from '../src/audit/seal-store.ts';
import { Sealer } from '../src/audit/sealer.ts';
import { parseHeadLine } from '../src/audit/verify/head.ts';
import { publicKeyOf } from '../src/audit/verify/public-key.ts';
import { entryAt, inShort, startTrail, type Trail } from './support/trail.ts';

let trail: Trail;
beforeEach(async () => {
  trail = await startTrail();
});
afterEach(() => trail[Symbol.asyncDispose]());

const makeKey = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });

const sealsByHead = async (): Promise<string[][]> => {
  const rows = await trail.database.db.selectFrom('auditSeals').selectAll().orderBy('eventId').execute();
  return [...Map.groupBy(rows, (row) => row.sequence).values()].map((seals) => seals.map((seal) => seal.eventId));
};

describe('sealing', () => {
  it('puts every event under one head, chained and signed', async () => {
    await trail.history(3, 4);
    expect(await sealsByHead()).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6', '7', '8'],
      ['9', '10', '11', '12'],
    ]);
    expect(await trail.verify()).toMatchObject({ events: 12, heads: 3, unsealedEvents: 0, findings: [] });
    expect(await trail.seal()).toBe(0);
  });

  it('covers every column of the table but the transaction’s number', async () => {
    const { rows } = await sql<{ name: string }>`SELECT column_name AS name FROM information_schema.columns
      WHERE table_name = 'audit_events'`.execute(trail.database.db);
    const camel = rows.map(({ name }) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()));
    expect(camel.sort()).toEqual([...EVIDENCE_COLUMNS, 'xid'].sort());
  });

  it('seals what is committed late in a later batch, and waits for nobody', async () => {
    const slow = new pg.Client(trail.test.connectionString);
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query(
      `INSERT INTO audit_events (at, action, resource_type, outcome) VALUES ('2026-03-02T09:00:00Z', 'slow', 'test', 'success')`,
    );
    await trail.write(3);
    expect(await trail.seal()).toBe(3);
    await trail.write(2);
    expect(await trail.seal()).toBe(2);
    await slow.query('COMMIT');
    await slow.end();
    expect(await trail.seal()).toBe(1);
    expect(await sealsByHead()).toEqual(
      [['1'], ['2', '3', '4'], ['5', '6']].toSorted((a, b) => Number(a[0]) - Number(b[0])),
    );
    await trail.publish();
    expect(await trail.verify()).toMatchObject({ events: 6, heads: 3, findings: [] });
  });

  it('seals each event once and misses none while eight connections write and three sealers run', async () => {
    const sealers = [1, 2, 3].map(
      () =>
        new Sealer({
          database: trail.database,
          keys: trail.keys,
          clock: () => trail.clock.now,
          onBroken: () => undefined,
        }),
    );
    let writing = true;
    const sealing = sealers.map(async (sealer) => {
      while (writing) await sealer.drain();
    });
    const write = async (writer: number): Promise<void> => {
      const client = new pg.Client(trail.test.connectionString);
      await client.connect();
      for (let round = 0; round < 40; round += 1) {
        const isRolledBack = (round + writer) % 7 === 0;
        await client.query('BEGIN');
        for (let row = 0; row < 1 + ((round * writer) % 9); row += 1) {
          await client.query(
            `INSERT INTO audit_events (at, action, resource_type, outcome) VALUES ($1, 'busy', 'test', 'success')`,
            [new Date(trail.clock.now)],
          );
          // Long transactions: others commit in between, with higher ids.
          if (writer % 4 === 0) await client.query('SELECT pg_sleep(0.005)');
        }
        await client.query(isRolledBack ? 'ROLLBACK' : 'COMMIT');
      }
      await client.end();
    };
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(write));
    writing = false;
    await Promise.all(sealing);
    await trail.seal();
    await trail.publish();
    const { rows } = await sql<{ events: number; seals: number; both: number }>`
      SELECT (SELECT count(*)::int FROM audit_events) AS events, (SELECT count(*)::int FROM audit_seals) AS seals,
        (SELECT count(*)::int FROM audit_events e JOIN audit_seals s ON s.event_id = e.id) AS both`.execute(
      trail.database.db,
    );
    const [counts] = rows;
    expect(counts?.events).toBeGreaterThan(1_000);
    expect(counts).toEqual({ events: counts?.events, seals: counts?.events, both: counts?.events });
    const verdict = await trail.verify();
    expect(verdict).toMatchObject({ events: counts?.events, unsealedEvents: 0, findings: [] });
    expect(verdict.heads).toBeGreaterThan(5);
  });

  it('makes batches of a backlog', async () => {
    await sql`INSERT INTO audit_events (at, action, resource_type, outcome)
      SELECT ${new Date(trail.clock.now)}, 'many', 'test', 'success' FROM generate_series(1, 10000)`.execute(
      trail.database.db,
    );
    // The first time every row is looked at; from then on those of new transactions.
    expect(await trail.seal()).toBe(10_000);
    await sql`INSERT INTO audit_events (at, action, resource_type, outcome)
      SELECT ${new Date(trail.clock.now)}, 'many', 'test', 'success' FROM generate_series(1, 9000)`.execute(
      trail.database.db,
    );
    expect(await trail.seal()).toBe(9_000);
    await trail.publish();
    expect(await trail.verify()).toMatchObject({ events: 19_000, heads: 6, findings: [] });
  });

  it('goes on in a restored database, whose transactions are counted anew', async () => {
    await trail.history(2, 3);
    // As a restored dump has it: rows of a cluster that is not this one, with higher numbers than any here.
    await trail.write(2);
    await sql`SET session_replication_role = replica; UPDATE audit_events SET xid = '900000000000';
      UPDATE audit_sealer SET cluster_id = 'another', horizon = '900000000000'; RESET session_replication_role`.execute(
      trail.database.db,
    );
    await trail.write(2);
    expect(await trail.seal()).toBe(4);
    await trail.write(1);
    expect(await trail.seal()).toBe(1);
    await trail.publish();
    expect(await trail.verify()).toMatchObject({ events: 11, unsealedEvents: 0, findings: [] });
  });

  it('refuses changes of heads and seals', async () => {
    await trail.history(1, 2);
    for (const table of ['audit_heads', 'audit_seals'])
      for (const change of [`DELETE FROM ${table}`, `TRUNCATE ${table}`, `UPDATE ${table} SET sequence = 9`])
        await expect(sql.raw(change).execute(trail.database.db)).rejects.toThrow('append-only');
  });

  it('says so when the last head was changed, and goes on', async () => {
    await trail.history(2, 2);
    await sql`SET session_replication_role = replica; UPDATE audit_heads SET head = replace(head, '"count":2', '"count":3')
      WHERE sequence = 2; RESET session_replication_role`.execute(trail.database.db);
    await trail.history(1, 2);
    expect(trail.broken).toEqual([2]);
    const { findings } = await trail.verify();
    expect(inShort(findings)).toContain('head-unreadable head 2');
    expect(inShort(findings).filter((finding) => finding.startsWith('event-'))).toEqual([]);
  });
});

describe('the signing key', () => {
  it('is made once, for its owner alone', async () => {
    const [first, second] = [await trail.publicKey(), await trail.publicKey()];
    expect(first.keyId).toBe(second.keyId);
    expect((await stat(trail.keyFile)).mode & 0o777).toBe(0o600);
  });

  it('hands on to the next one, and whoever has the first verifies what came after', async () => {
    const first = await trail.publicKey();
    await trail.history(2, 2);
    await trail.sealer.changeKey({
      isLost: false,
      tell: (db) => audit(db, entryAt(trail.clock.now, 'audit.changeKey')),
    });
    await trail.history(2, 2);
    const second = await trail.publicKey();
    expect(second.keyId).not.toBe(first.keyId);
    expect(await trail.verify({ keys: [first] })).toMatchObject({ heads: 5, findings: [] });
    expect(await trail.verify({ keys: [second] })).toMatchObject({ heads: 5, findings: [] });
    const stranger = publicKeyOf(Buffer.alloc(32, 7).toString('base64url'));
    expect(inShort((await trail.verify({ keys: [stranger] })).findings)).toContain('head-key-unknown head 1');
  });

  it('is taken over by a sealer that runs, also when the change broke off in the middle', async () => {
    await trail.history(1, 2);
    const first = await trail.publicKey();
    const before = await readFile(trail.keyFile);
    await trail.sealer.changeKey({ isLost: false, tell: async () => undefined });
    // Back to the moment between the commit and the new file's taking the old one's place.
    await writeFile(`${trail.keyFile}.next`, await readFile(trail.keyFile));
    await writeFile(trail.keyFile, before);
    const running = new Sealer({
      database: trail.database,
      keys: trail.keys,
      clock: () => trail.clock.now,
      onBroken: () => undefined,
    });
    await trail.write(2);
    expect(await running.drain()).toBe(2);
    await trail.publish();
    expect(await trail.verify({ keys: [first] })).toMatchObject({ heads: 3, findings: [] });
  });

  it('stops the sealing when it is another one, until it is replaced as lost', async () => {
    await trail.history(1, 2);
    const first = await trail.publicKey();
    await writeFile(trail.keyFile, `${JSON.stringify(makeKey())}\n`);
    await trail.keys.load();
    await trail.write(1);
    await expect(trail.seal()).rejects.toThrow('--replace-lost');
    await trail.sealer.changeKey({ isLost: true, tell: async () => undefined });
    expect(await trail.seal()).toBe(1);
    await trail.publish();
    const second = await trail.publicKey();
    expect(inShort((await trail.verify({ keys: [first] })).findings)).toEqual([
      'head-key-unknown head 2',
      'head-key-unknown head 3',
    ]);
    expect(await trail.verify({ keys: [first, second] })).toMatchObject({ findings: [] });
  });
});

describe('published heads', () => {
  it('are what was signed, a line each', async () => {
    await trail.history(3, 2);
    const lines = (await readFile(trail.headsFile, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => parseHeadLine(line)?.head.sequence)).toEqual([1, 2, 3]);
  });

  it('heal when a crash cut a line short, and come again rather than not at all', async () => {
    await trail.history(3, 2);
    const text = await readFile(trail.headsFile, 'utf8');
    await writeFile(trail.headsFile, text.slice(0, -40));
    const restarted = new FilePort({
      file: trail.headsFile,
      hashAt: (sequence) => headHashAt(trail.database.db, sequence),
      onLost: (sequence) => void trail.lost.push(sequence),
    });
    expect(await publishPending(trail.database, restarted)).toBe(1);
    expect(trail.lost).toEqual([]);
    await trail.history(1, 2);
    expect(await trail.verify()).toMatchObject({ heads: 4, findings: [], unreadablePublished: 1 });
  });

  it('tell that the database was set back behind them', async () => {
    await trail.history(4, 2);
    await sql`SET session_replication_role = replica; DELETE FROM audit_heads WHERE sequence > 2;
      DELETE FROM audit_seals WHERE sequence > 2; DELETE FROM audit_events WHERE id > 4; RESET session_replication_role`.execute(
      trail.database.db,
    );
    expect(inShort((await trail.verify()).findings)).toEqual([
      'head-missing 5-6 head 3',
      'event-missing 5-6 head 3',
      'head-missing 7-8 head 4',
      'event-missing 7-8 head 4',
    ]);
    await trail.history(3, 2);
    expect(trail.lost).toEqual([3]);
    const findings = inShort((await trail.verify()).findings);
    expect(findings).toContain('head-diverged 5-6 head 3');
    expect(findings).toContain('head-diverged 7-8 head 4');
    // A head of the first history in the second one: signed well, and chained to nothing there.
    const [, , old = ''] = (await trail.publishedText()).split('\n');
    const exportFile = await trail.exportTo('mixed.jsonl');
    const lines = (await readFile(exportFile, 'utf8')).split('\n');
    await writeFile(
      exportFile,
      lines.map((line) => (parseHeadLine(line)?.head.sequence === 3 ? old : line)).join('\n'),
    );
    const mixed = inShort((await trail.verify({ exportFile, withoutHeads: true })).findings);
    expect(mixed).toContain('head-replaced 5-6 head 3');
  });
});
