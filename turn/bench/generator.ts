/**
 * The load generator of `npm run bench:turn`, a process of its own so that it can be given a core of its own: clients
 * of a TURN server and their peer. It never sleeps while it measures, so that its own waking up is in no delay.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GeneratorCall, GeneratorReply, LoadOptions, LoadResult } from './support/generator-messages.ts';
import { Meter } from './support/meter.ts';
import { Paths } from './support/paths.ts';
import { cpuSecondsOf } from './support/processes.ts';

/** What is under way at the end gets this long to arrive; what does not is lost. */
const LAST_PACKETS_MS = 200;
/** A turn that comes late catches up this much and no more, so that a pause of the generator is no burst for the server. */
const CATCH_UP_MS = 10;

let paths: Paths | undefined;
let runs = 0;

/** Sends at an even rate through all paths in turn. Answers the share of what was due that was sent. */
const send = async (
  load: LoadOptions,
  options: { forMs: number; meter: Meter; through: Paths },
): Promise<{ sentShare: number }> => {
  const { forMs, meter, through } = options;
  const perMs = load.packetsPerSecond / 1000;
  const startedAt = performance.now();
  let next = 0;
  let skipped = 0;
  const mark = (data: Buffer, start: number): void => meter.stamp(data, start);
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - startedAt) {
    const due = Math.floor(elapsed * perMs);
    const late = Math.max(0, due - next - Math.ceil(CATCH_UP_MS * perMs));
    skipped += late;
    next += late;
    for (; next < due; next += 1) through.send(load.direction, next, mark);
    await nextTurn();
  }
  return { sentShare: next === 0 ? 0 : (next - skipped) / next };
};

const run = async (load: LoadOptions): Promise<LoadResult> => {
  if (paths === undefined) throw new Error('No paths are open.');
  const through = paths;
  runs += 1;
  const meter = new Meter(runs);
  through.onData = (data) => meter.take(data);
  const cpuBefore = cpuSecondsOf(load.serverPid);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  const { sentShare } = await send(load, { forMs: load.forMs, meter, through });
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = cpuSecondsOf(load.serverPid) - cpuBefore;
  const own = process.cpuUsage(ownBefore);
  const until = performance.now() + LAST_PACKETS_MS;
  while (performance.now() < until && meter.received < meter.sent) await nextTurn();
  return {
    sent: meter.sent,
    received: meter.received,
    seconds,
    sentShare,
    cpuSeconds,
    generatorCpuSeconds: (own.user + own.system) / 1e6,
    p50Ms: meter.percentile(0.5),
    p99Ms: meter.percentile(0.99),
  };
};

const carryOut = async (call: GeneratorCall): Promise<LoadResult | undefined> => {
  switch (call.type) {
    case 'open':
      paths = await Paths.open(call.options);
      return undefined;
    case 'run':
      return run(call.load);
    case 'close':
      await paths?.close();
      paths = undefined;
      return undefined;
  }
};

process.on('message', (call: GeneratorCall) => {
  carryOut(call).then(
    (result) => process.send?.({ ok: true, result } satisfies GeneratorReply),
    (error: unknown) => process.send?.({ ok: false, problem: String(error) } satisfies GeneratorReply),
  );
});
process.on('disconnect', () => process.exit());
