import { randomUUID } from 'node:crypto';
import { createRegistry, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors, type OrganizationId } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoreContext } from '../src/context.ts';
import type { OwnerDatabase } from '../src/db/database.ts';
import { createEvents } from '../src/events.ts';
import { LEASE_MS, MAX_ATTEMPTS, type OutboxEvent, type OutboxHandler } from '../src/outbox/model.ts';
import { announceOutbox, Outbox } from '../src/outbox/outbox.ts';
import { claimOutboxEvents, insertOutboxEvents, outboxBacklog } from '../src/outbox/store.ts';
import { POLICY } from '../src/policy/policy.ts';
import { RelayCredentials } from '../src/relay/credentials.ts';
import { START } from './support/clinic.ts';
import { createMigratedDatabase, openDatabase } from './support/database.ts';
import { createTestPhi } from './support/phi.ts';
import { until } from './support/queue.ts';

const organizationId = '00000000-0000-4000-8000-000000000001' as OrganizationId;

describe('the outbox', () => {
  let stack: AsyncDisposableStack;
  let database: OwnerDatabase;
  let context: CoreContext;
  let now: number;
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    database = openDatabase(stack.use(await createMigratedDatabase()).connectionString, 6);
    stack.defer(() => database.close());
    now = START;
    const bus = new MemoryBus({ errors: busErrors, onHandlerError: () => undefined });
    context = {
      database,
      policy: POLICY,
      bus,
      clock: () => now,
      events: createEvents(silentLogger, createRegistry()),
      relay: new RelayCredentials({ access: undefined, bus }),
      phi: createTestPhi(),
      slotHorizonDays: 30,
    };
  });
  afterEach(() => stack.disposeAsync());

  const drain = (handler: OutboxHandler): Outbox => {
    const outbox = new Outbox({
      context,
      handlers: {
        'appointment.booked': [handler],
        'appointment.cancelled': [],
        'appointment.rescheduled': [],
        'waitlist.offered': [],
        'waitlist.offer-closed': [],
        'organization.changed': [],
        'emergency.opened': [],
        'correction.extended': [],
        'correction.answered': [],
        'correction.rebutted': [],
        'provider.opened': [],
      },
      random: () => 0.5,
      onFailed: () => undefined,
    });
    stack.defer(() => outbox.close());
    return outbox;
  };
  const write = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    await database.transaction(async (tx) => {
      const events = ids.map((resourceId) => ({ organizationId, topic: 'appointment.booked' as const, resourceId }));
      await insertOutboxEvents(tx.db, events, new Date(now));
      announceOutbox(context, tx);
    });
    return ids;
  };
  const left = async () => (await sql<OutboxEvent>`SELECT * FROM outbox_events ORDER BY id`.execute(database.db)).rows;

  it('is drained by the commit that wrote it, in order', async () => {
    const seen: string[] = [];
    drain(async (events) => void seen.push(...events.map((event) => event.resourceId)));
    const ids = await write(500);
    await until(async () => ((await left()).length === 0 ? true : undefined));
    expect(seen).toEqual(ids);
  });

  it('is shared by several processes, each event dealt with by one', async () => {
    const ids = await write(1_000);
    const seen: string[] = [];
    const note: OutboxHandler = async (events) => void seen.push(...events.map((event) => event.resourceId));
    await Promise.all([drain(note), drain(note), drain(note)].map((outbox) => outbox.settle()));
    expect(seen.sort()).toEqual(ids.sort());
  });

  it('gives what a process took and died with to another, once its lease is over', async () => {
    const [id] = await write(1);
    await claimOutboxEvents(database.db, { now: new Date(now), limit: 10 });
    const seen: string[] = [];
    const outbox = drain(async (events) => void seen.push(...events.map((event) => event.resourceId)));
    await outbox.settle();
    expect(seen).toEqual([]);
    now += LEASE_MS;
    await outbox.settle();
    expect(seen).toEqual([id]);
  });

  it('tries what fails again, later each time, keeps nobody else back, and parks it in the end', async () => {
    const [first, bad] = await write(2);
    const tries: number[] = [];
    const seen: string[] = [];
    const outbox = drain(async (events) => {
      if (events.some((event) => event.resourceId === bad)) {
        if (events.length === 1) tries.push(now);
        throw new Error('not today');
      }
      seen.push(...events.map((event) => event.resourceId));
    });
    await outbox.settle();
    expect(seen).toEqual([first]);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      now += 15 * 60_000;
      await outbox.settle();
    }
    expect(tries).toHaveLength(MAX_ATTEMPTS);
    expect(await outboxBacklog(database.db, new Date(now))).toEqual({ oldestDueSeconds: 0, parked: 1 });
    now += 24 * 60 * 60_000;
    await outbox.settle();
    expect(tries).toHaveLength(MAX_ATTEMPTS);
  });
});
