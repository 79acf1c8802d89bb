/**
 * `npm run bench:turn`: our relay and coturn under the same load from the same generator, one thread and one core each,
 * one after the other; the generator has the other core. For either transport and direction it looks for the highest
 * rate without loss, says what a packet costs the server there, and takes the delays at half of it. The last line is one
 * JSON object. Options: --clients 8 --only bedside --case udp-down --rate 20000 (no search).
 */
import { parseArgs } from 'node:util';
import { testCertificate } from '../test/support/certificate.ts';
import { type Capacity, findCapacity, holdRate, lossOf } from './support/capacity.ts';
import type { LoadOptions, LoadResult } from './support/generator-messages.ts';
import { type LoadGenerator, startLoadGenerator } from './support/load-generator.ts';
import { memoryPerAllocationKb } from './support/memory.ts';
import { canPin } from './support/processes.ts';
import { type BenchServer, startBedside, startCoturn } from './support/servers.ts';

const CASES = [
  { name: 'tls-down', transport: 'tls', direction: 'down' },
  { name: 'tls-up', transport: 'tls', direction: 'up' },
  { name: 'udp-down', transport: 'udp', direction: 'down' },
  { name: 'udp-up', transport: 'udp', direction: 'up' },
] as const;
type Case = (typeof CASES)[number];
const PAYLOAD_BYTES = 1000;
const WARM_UP_MS = 4_000;
const TRY_MS = 1_500;
const START_RATE = 12_000;
/** Our relay answers 400 strangers of one address at once, and a hundred a second after that. */
const MEMORY_ALLOCATIONS = 250;
/** What is asked for beside the ratios: so many packets a second over TLS, without loss. */
const ASKED_RATE = 60_000;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '8' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    case: { type: 'string' },
    rate: { type: 'string' },
  },
});

const MEASURE_MS = Number(values.seconds) * 1000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const packetsPerCore = ({ received, cpuSeconds }: LoadResult): number => received / Math.max(cpuSeconds, 0.01);
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 0)} %`;

interface Measured {
  readonly capacity: Capacity;
  /** At capacity, and at half of it. */
  readonly full: LoadResult;
  readonly half: LoadResult;
  /** At the rate that is asked for over TLS. */
  readonly asked: LoadResult | undefined;
}

/** Takes one case of one server: search, then longer runs at what was found. */
const measure = async (
  server: BenchServer,
  generator: LoadGenerator,
  { transport, direction }: Case,
): Promise<Measured> => {
  const run = (packetsPerSecond: number, forMs: number): Promise<LoadResult> => {
    const load: LoadOptions = { direction, packetsPerSecond, forMs, serverPid: server.pid };
    return generator.run(load);
  };
  await generator.open({
    transport,
    port: transport === 'udp' ? server.port : server.tlsPort,
    clients: Number(values.clients),
    payloadBytes: PAYLOAD_BYTES,
  });
  await run(START_RATE, WARM_UP_MS);
  const capacity: Capacity =
    values.rate === undefined
      ? await findCapacity(START_RATE, (rate) => run(rate, TRY_MS))
      : { rate: Number(values.rate), limit: 'server' };
  const { rate, result: full } = await holdRate(capacity.rate, (tried) => run(tried, MEASURE_MS));
  const half = await run(rate / 2, MEASURE_MS);
  const asked = transport === 'tls' ? await run(ASKED_RATE, MEASURE_MS) : undefined;
  await generator.closePaths();
  return { capacity: { ...capacity, rate }, full, half, asked };
};

const describe = (server: BenchServer, name: string, { capacity, full, half }: Measured): string =>
  [
    `${server.name.padEnd(8)} ${name.padEnd(8)} ${String(capacity.rate).padStart(7)} packets/s`,
    `${packetsPerCore(full).toFixed(0).padStart(7)} per core-second (server ${percent(full.cpuSeconds / full.seconds)} of its core, generator ${percent(full.generatorCpuSeconds / full.seconds)})`,
    `loss ${percent(lossOf(full))}`,
    `at half: p50/p99 ${half.p50Ms.toFixed(2)} / ${half.p99Ms.toFixed(2)} ms, ${packetsPerCore(half).toFixed(0)} per core-second`,
    ...(capacity.limit === 'generator' ? ['the generator is the limit'] : []),
  ].join(', ');

/** One of the servers compared, and what has been found out about it. */
interface Contestant {
  readonly server: BenchServer;
  readonly kbPerAllocation: number;
  readonly results: Map<Case['name'], Measured>;
}

const enter = async (server: BenchServer): Promise<Contestant> => {
  const kbPerAllocation = await memoryPerAllocationKb(server, MEMORY_ALLOCATIONS);
  say(`${server.name.padEnd(8)} ${kbPerAllocation.toFixed(1)} kB an allocation`);
  return { server, kbPerAllocation, results: new Map() };
};

const compete = async ({ server, results }: Contestant, generator: LoadGenerator, each: Case): Promise<void> => {
  const measured = await measure(server, generator, each);
  results.set(each.name, measured);
  say(describe(server, each.name, measured));
  const { asked } = measured;
  if (asked === undefined) return;
  say(
    `                    at ${ASKED_RATE} packets/s: loss ${percent(lossOf(asked))}, sent ${percent(asked.sentShare)} of it, p99 ${asked.p99Ms.toFixed(2)} ms, server ${percent(asked.cpuSeconds / asked.seconds)} of its core`,
  );
};

using certificate = testCertificate();
if (!canPin) say('One core, or no taskset: server and generator share what there is.');
await using stack = new AsyncDisposableStack();
const generator = stack.use(startLoadGenerator());
const contestants: Contestant[] = [];
for (const start of [startBedside, startCoturn]) {
  const server = stack.use(await start(certificate));
  if (values.only === undefined || values.only === server.name) contestants.push(await enter(server));
}
for (const each of CASES) {
  if (values.case !== undefined && values.case !== each.name) continue;
  // Case by case, so that what else the machine does meets both. The one that waits does nothing.
  for (const contestant of contestants) await compete(contestant, generator, each);
}
const [ours, theirs] = (['bedside', 'coturn'] as const).map((name) =>
  contestants.find(({ server }) => server.name === name),
);
const ratio = (name: Case['name']): number => {
  const [mine, other] = [ours?.results.get(name), theirs?.results.get(name)];
  return mine === undefined || other === undefined
    ? 0
    : Number((packetsPerCore(mine.full) / packetsPerCore(other.full)).toFixed(2));
};
say(
  JSON.stringify({
    tlsDownRatio: ratio('tls-down'),
    tlsUpRatio: ratio('tls-up'),
    udpDownRatio: ratio('udp-down'),
    udpUpRatio: ratio('udp-up'),
    // Of the slower direction over TLS at the rate that is asked for.
    p99Ms: Number(
      Math.max(...(['tls-down', 'tls-up'] as const).map((name) => ours?.results.get(name)?.asked?.p99Ms ?? 0)).toFixed(
        2,
      ),
    ),
    kbPerAllocation: Number((ours?.kbPerAllocation ?? 0).toFixed(1)),
  }),
);
