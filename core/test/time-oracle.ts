/**
 * `npm run oracle:time`: the windows of every zone of the tz database around every transition from 2020 to 2037, and of
 * every zone on an ordinary day, as two others read them. Prints what was compared, what was left out and why; the exit
 * code says whether anything differs. Takes some minutes.
 */
import { DateutilOracle, whyNoDateutil } from './support/oracle-dateutil.ts';
import { compareZone, emptyTally, type OracleTally } from './support/oracle-run.ts';
import { temporalOracle } from './support/oracle-temporal.ts';

const SHOWN = 20;
/** Share of the transitions. Two releases of the tz database differ in few zones; more says that one of them is old. */
const MAX_LEFT_OUT = 0.05;
const print = (line: string) => process.stdout.write(`${line}\n`);

const printTally = (name: string, { transitions, differences, leftOut, ...tally }: OracleTally) => {
  print(
    `${name}: ${tally.zones} zones, ${transitions} transitions, ${tally.windows} sets of windows compared, ` +
      `${differences.length} differ, ${new Set(leftOut).size} transitions left out, ${tally.unanswered.length} without an answer`,
  );
  for (const difference of differences.slice(0, SHOWN)) print(`  differs: ${difference}`);
};

/** `zone date` places by zone, with how many and the first. */
const byZone = (places: readonly string[]): string => {
  const dates = new Map<string, string[]>();
  for (const place of new Set(places)) {
    const [zone = '', date = ''] = place.split(' ');
    dates.set(zone, [...(dates.get(zone) ?? []), date]);
  }
  return [...dates].map(([zone, [first, ...more]]) => `${zone} ${more.length + 1} from ${first}`).join(', ') || 'none';
};

const run = async () => {
  await using dateutil = DateutilOracle.start();
  const zones = await dateutil.zones();
  print(`${zones.length} zones of the system's tz database; Node's is ${process.versions.tz}`);
  const tallies = { temporal: emptyTally(), dateutil: emptyTally() };
  const transitionsOf = dateutil.transitions.bind(dateutil);
  const pick = () => true;
  for (const zone of zones) {
    await Promise.all([
      compareZone({ into: tallies.temporal, oracle: temporalOracle, transitionsOf: undefined, zone, pick }),
      compareZone({ into: tallies.dateutil, oracle: dateutil, transitionsOf, zone, pick }),
    ]);
  }
  printTally('rrule-temporal', tallies.temporal);
  printTally('dateutil', tallies.dateutil);
  print(`rrule-temporal contradicts this Node's own clock: ${byZone(tallies.temporal.unanswered)}`);
  const { leftOut, unknown, transitions } = tallies.dateutil;
  print(`Not known to Node: ${unknown.join(', ') || 'none'}`);
  print(`Left out, where the tz databases differ: ${byZone(leftOut)}`);
  const contradicted = [...dateutil.contradicted].map(([zone, rules]) => `${zone} (${rules} rules)`);
  print(`zoneinfo, on the same files, contradicts dateutil and was taken: ${contradicted.join(', ') || 'none'}`);
  const differences = tallies.temporal.differences.length + tallies.dateutil.differences.length;
  return differences === 0 && new Set(leftOut).size < transitions * MAX_LEFT_OUT;
};

if (whyNoDateutil !== undefined) print(`oracle:time ${whyNoDateutil}`);
if (whyNoDateutil !== undefined || !(await run())) process.exitCode = 1;
