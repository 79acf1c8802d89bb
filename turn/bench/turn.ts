/**
 * `npm run bench:turn`: our relay and coturn under the same load from the same generator, one thread each, one after
 * the other. Compares CPU time per packet, which a generator on the same machine does not blur, and prints loss and
 * delay beside it. The last line is one JSON object. Options: --seconds 8 --rate 12000 --clients 8.
 */
import { parseArgs } from 'node:util';
import { testCertificate } from '../test/support/certificate.ts';
import { type LoadResult, load, memoryPerAllocationKb } from './support/load.ts';
import { type BenchServer, startBedside, startCoturn } from './support/servers.ts';

const CASES = [
  { transport: 'tls', direction: 'down' },
  { transport: 'tls', direction: 'up' },
  { transport: 'udp', direction: 'down' },
  { transport: 'udp', direction: 'up' },
] as const;
type CaseName = `${(typeof CASES)[number]['transport']}-${(typeof CASES)[number]['direction']}`;
const PAYLOAD_BYTES = 1000;
const WARM_UP_MS = 4_000;
const MEMORY_ALLOCATIONS = 200;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rate: { type: 'string', default: '12000' },
    clients: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: String(WARM_UP_MS) },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const packetsPerCore = (result: LoadResult): number => result.received / Math.max(result.cpuSeconds, 0.01);

interface Measured {
  readonly cases: ReadonlyMap<CaseName, LoadResult>;
  readonly kbPerAllocation: number;
}

const measure = async (server: BenchServer): Promise<Measured> => {
  const cases = new Map<CaseName, LoadResult>();
  for (const { transport, direction } of CASES) {
    const result = await load(server, {
      transport,
      direction,
      packetsPerSecond: Number(values.rate),
      clients: Number(values.clients),
      payloadBytes: PAYLOAD_BYTES,
      warmUpMs: Number(values['warm-up']),
      measuredMs: Number(values.seconds) * 1000,
    });
    cases.set(`${transport}-${direction}`, result);
    const lossPercent = (100 * (result.sent - result.received)) / Math.max(1, result.sent);
    const delays = [0.5, 0.99].map((share) => percentile(result.delaysMs, share).toFixed(2)).join(' / ');
    say(
      `${server.name.padEnd(8)} ${transport} ${direction.padEnd(4)} ${packetsPerCore(result).toFixed(0).padStart(7)} packets per core-second, loss ${lossPercent.toFixed(2)} %, delay p50/p99 ${delays} ms`,
    );
  }
  const kbPerAllocation = await memoryPerAllocationKb(server, MEMORY_ALLOCATIONS);
  say(`${server.name.padEnd(8)} ${kbPerAllocation.toFixed(1)} kB an allocation`);
  return { cases, kbPerAllocation };
};

const run = async (start: () => Promise<BenchServer>): Promise<Measured> => {
  await using server = await start();
  return await measure(server);
};

using certificate = testCertificate();
const ours = await run(() => startBedside(certificate));
const theirs = await run(() => startCoturn(certificate));
const ratio = (name: CaseName): number => {
  const [mine, other] = [ours.cases.get(name), theirs.cases.get(name)];
  return mine === undefined || other === undefined
    ? 0
    : Number((packetsPerCore(mine) / packetsPerCore(other)).toFixed(2));
};
const tlsDown = ours.cases.get('tls-down');
say(
  JSON.stringify({
    tlsDownRatio: ratio('tls-down'),
    tlsUpRatio: ratio('tls-up'),
    udpDownRatio: ratio('udp-down'),
    udpUpRatio: ratio('udp-up'),
    p99Ms: Number(percentile(tlsDown?.delaysMs ?? new Float64Array(), 0.99).toFixed(2)),
    kbPerAllocation: Number(ours.kbPerAllocation.toFixed(1)),
  }),
);
