/**
 * `npm run mix:turn`: ten thousand connections of eight kinds on one port, while a visit is relayed through it; then a
 * thousand allocations made and freed. Options: --count 10000 --cycles 1000. The last line is one JSON object; the exit
 * code is 1 where a connection was misrouted or stayed open, a packet was lost or a file descriptor was left.
 */
import { parseArgs } from 'node:util';
import { allocateAndFree } from './support/churn.ts';
import { MIXED_KINDS, openMixed, servedBy, servedIfRight } from './support/mixed-connections.ts';
import { startSharedPortSite } from './support/shared-port-site.ts';
import { runVisitInThread } from './support/visit-in-thread.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, cycles: { type: 'string', default: '1000' } },
});
const ofEachKind = Math.ceil(Number(values.count) / MIXED_KINDS.length);
const cycles = Number(values.cycles);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const percentile = (ascending: Float64Array, share: number): number =>
  Number((ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0).toFixed(1));

await using site = await startSharedPortSite();
const visit = await runVisitInThread(site);
const before = await servedBy(site);
const startedAt = performance.now();
const results = await openMixed(site, ofEachKind);
const seconds = (performance.now() - startedAt) / 1000;
const served = await servedBy(site);
const { sent, lost, delaysMs } = await visit.end();

for (const { kind, opened, right, longestOpenMs, failures } of results) {
  const closing = longestOpenMs === 0 ? '' : `, closed after at most ${(longestOpenMs / 1000).toFixed(2)} s`;
  say(`${kind.padEnd(14)} ${right} of ${opened} got what is theirs${closing}`);
  for (const failure of failures) say(`               ${failure}`);
}
const expected = servedIfRight(before, ofEachKind);
say(`served         ${JSON.stringify(served)}`);
say(`due            ${JSON.stringify(expected)}`);

using client = await site.openTurn('churn');
const descriptorsLeft = await allocateAndFree(client, cycles);
const connections = results.reduce((sum, { opened }) => sum + opened, 0);
const wrong = connections - results.reduce((sum, { right }) => sum + right, 0);
const asDue = JSON.stringify(served) === JSON.stringify(expected);
say(
  JSON.stringify({
    connections,
    wrong,
    servedAsDue: asDue,
    seconds: Number(seconds.toFixed(1)),
    slowestCloseMs: Math.round(Math.max(...results.map(({ longestOpenMs }) => longestOpenMs))),
    visitPackets: sent,
    visitLost: lost,
    visitP50Ms: percentile(delaysMs, 0.5),
    visitP99Ms: percentile(delaysMs, 0.99),
    cycles,
    descriptorsLeft,
  }),
);
if (wrong > 0 || !asDue || lost > 0 || descriptorsLeft > 0) process.exitCode = 1;
