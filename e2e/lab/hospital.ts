/**
 * `npm run lab:hospital`: a hospital whose network lets out TCP 443 alone, 20 ms away from the clinic. Joins a visit
 * again and again (`LAB_JOINS`, 100) and prints how long it took. The last line is one JSON object. Needs root.
 */
import { percentile, stepTable } from '../bench/join-runs.ts';
import { environment } from '../src/env.ts';
import { whyNot } from '../src/lab/hospital-network.ts';
import { type HospitalJoin, openHospitalLab } from '../src/lab/hospital-visit.ts';

const count = Number(environment.LAB_JOINS ?? 100);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const reason = await whyNot({ programs: ['ip', 'nft', 'perl', 'openssl', 'certutil'], networks: true });
if (reason !== undefined) {
  say(`The lab cannot be set up: ${reason}.`);
  process.exit(1);
}

await using lab = await openHospitalLab();
say(`Before the firewall: ${JSON.stringify(lab.open)}`);
say(`Behind the firewall: ${JSON.stringify(lab.closed)}`);
say(`A join without the relay succeeds: ${await lab.joinsWithoutRelay()}`);

const joins: HospitalJoin[] = [];
for (let index = 1; index <= count; index++) {
  try {
    const join = await lab.join();
    joins.push(join);
    say(`${index}/${count}: channel ${join.channelMs.toFixed(0)} ms, first frame ${join.frameMs.toFixed(0)} ms`);
  } catch (error) {
    say(`${index}/${count}: FAILED ${error instanceof Error ? error.message : String(error)}`);
  }
}
say(
  `\n${stepTable(
    'Hospital',
    joins.map(({ times }) => times),
  )}`,
);
const figures = (pick: (join: HospitalJoin) => number, share: number): number =>
  Math.round(percentile(joins.map(pick), share));
say(
  JSON.stringify({
    joins: count,
    succeeded: joins.length,
    channelP50Ms: figures(({ channelMs }) => channelMs, 0.5),
    channelP95Ms: figures(({ channelMs }) => channelMs, 0.95),
    frameP50Ms: figures(({ frameMs }) => frameMs, 0.5),
    frameP95Ms: figures(({ frameMs }) => frameMs, 0.95),
  }),
);
process.exitCode = joins.length === count ? 0 : 1;
