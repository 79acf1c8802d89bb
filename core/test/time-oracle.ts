/**
 * `npm run oracle:time`: the windows of every zone of the tz database around every transition from 2020 to 2037, and of
 * every zone on an ordinary day, as two others read them. Prints what was compared, what was left out and why; the exit
 * code says whether anything differs. Takes some minutes.
 */
import { DateutilOracle, whyNoDateutil } from './support/oracle-dateutil.ts';
import { type OracleTally, runOracles } from './support/oracle-run.ts';

const SHOWN = 20;
const print = (line: string) => process.stdout.write(`${line}\n`);

const printTally = (name: string, tally: OracleTally) => {
  print(
    `${name}: ${tally.zones} zones, ${tally.transitions} transitions, ${tally.windows} rules of windows compared, ` +
      `${tally.differences.length} differ, ${tally.leftOut.length} transitions left out`,
  );
  for (const difference of tally.differences.slice(0, SHOWN)) print(`  differs: ${difference}`);
};

if (whyNoDateutil !== undefined) {
  print(`oracle:time ${whyNoDateutil}`);
  process.exitCode = 1;
} else {
  await using dateutil = DateutilOracle.start();
  const zones = await dateutil.zones();
  print(`${zones.length} zones of the system's tz database, Node's is ${process.versions.tz}`);
  const report = await runOracles({ zones, dateutil, pick: () => true });
  printTally('rrule-temporal', report.temporal);
  printTally('dateutil', report.dateutil);
  print(`Not known to Node: ${report.unknownToNode.join(', ') || 'none'}`);
  print(`Left out, since the two tz databases differ there: ${report.dateutil.leftOut.join(', ') || 'none'}`);
  const contradicted = [...dateutil.contradicted].map(([zone, rules]) => `${zone} (${rules} rules)`);
  print(
    `dateutil is contradicted by zoneinfo on the same files, which was taken: ${contradicted.join(', ') || 'none'}`,
  );
  const differences = report.temporal.differences.length + report.dateutil.differences.length;
  if (differences > 0) process.exitCode = 1;
}
