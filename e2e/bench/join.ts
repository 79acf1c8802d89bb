/**
 * `npm run bench:join`: from the click in the patient's page to the first decoded frame of the provider, in Bedside and
 * in a bare page over the same SFU. `BENCH_JOINS` sets how many (20). The last line is one JSON object.
 */

import { environment } from '../src/env.ts';
import { startBareSubject } from './bare-subject.ts';
import { startBedsideSubject } from './bedside-subject.ts';
import { type JoinSubject, percentile, stepTable, timeJoins } from './join-runs.ts';
import { runBench } from './run-bench.ts';

const count = Number(environment.BENCH_JOINS ?? 20);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const measure = async (start: () => Promise<JoinSubject>) => {
  await using subject = await start();
  const joins = await timeJoins(subject, count, say);
  const totals = joins.map(({ totalMs }) => totalMs);
  return { name: subject.name, joins, p50: percentile(totals, 0.5), p95: percentile(totals, 0.95) };
};

const compare = async (): Promise<void> => {
  // One after the other: beside each other their browsers would take the processor from one another.
  const bare = await measure(startBareSubject);
  const bedside = process.argv.includes('--bare-only') ? undefined : await measure(startBedsideSubject);

  for (const subject of [bare, ...(bedside === undefined ? [] : [bedside])]) {
    say(`\n${stepTable(subject.name, subject.joins)}`);
    say(`${subject.name}: p50 ${subject.p50.toFixed(0)} ms, p95 ${subject.p95.toFixed(0)} ms`);
  }
  const round = (value: number): number => Math.round(value * 10) / 10;
  say(
    JSON.stringify({
      ...(bedside === undefined ? {} : { joinP50Ms: round(bedside.p50), joinP95Ms: round(bedside.p95) }),
      bareP50Ms: round(bare.p50),
      ...(bedside === undefined ? {} : { ratio: Math.round((bedside.p50 / bare.p50) * 100) / 100 }),
    }),
  );
};

await runBench(compare);
