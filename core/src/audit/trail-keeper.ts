import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@bedside/kit';
import { backoffMs } from '@bedside/protocol';
import type { Database } from '../db/database.ts';
import type { AuditTrailEvents } from './events.ts';
import type { HeadPort } from './publish/port.ts';
import { publishPending } from './publish/publisher.ts';
import type { Sealer } from './sealer.ts';

const RETRY = { baseMs: 1_000, maxMs: 60_000 } as const;

export interface TrailKeeperOptions {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly ports: readonly HeadPort[];
  readonly events: AuditTrailEvents;
  readonly now: () => number;
  readonly sealEveryMs: number;
}

/**
 * Seals and publishes in the background, each in a loop of its own: a collector that does not answer keeps nothing from
 * being sealed. What fails is tried again, slower each time.
 */
export const keepTrail = (options: TrailKeeperOptions): Service => {
  const stop = new AbortController();
  const { database, sealer, ports, events, sealEveryMs } = options;
  const sealing = loop(stop.signal, {
    everyMs: sealEveryMs,
    work: async () => {
      const count = await sealer.drain(stop.signal);
      if (count > 0) events.sealed({ count, at: options.now() });
    },
    onFailure: (error, attempt) => events.sealFailed({ error, attempt }),
  });
  const publishing = ports.map((port) =>
    loop(stop.signal, {
      everyMs: sealEveryMs,
      work: async () => {
        const count = await publishPending(database, port, stop.signal);
        if (count > 0) events.published({ port: port.name, count });
      },
      onFailure: (error, attempt) => events.publishFailed({ port: port.name, error, attempt }),
    }),
  );
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      stop.abort();
      await Promise.all([sealing, ...publishing]);
    })();
    return closing;
  };
  return { close, [Symbol.asyncDispose]: close };
};

const loop = async (
  signal: AbortSignal,
  step: { everyMs: number; work: () => Promise<void>; onFailure: (error: unknown, attempt: number) => void },
): Promise<void> => {
  for (let attempt = 0; !signal.aborted; ) {
    let waitMs = step.everyMs;
    try {
      await step.work();
      attempt = 0;
    } catch (error) {
      step.onFailure(error, attempt);
      waitMs = backoffMs({ attempt, ...RETRY, random: Math.random });
      attempt += 1;
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
};
