/**
 * `npm run bench:footprint`: what Bedside takes of a machine. Resident memory of each of its processes idle and with
 * four visits (eight pages in two Chromiums), the time from a warm start to ready, and what a patient's join page
 * downloads. The last line is one JSON object.
 */
import { makeTempDir } from '@bedside/kit/temp-dir';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import { bookVisit, meet, openVisit, PATIENTS, signIn } from '../src/people.ts';
import { memoryOf } from '../src/process-tree.ts';
import { downloadOf } from './page-download.ts';
import { runBench } from './run-bench.ts';

const VISITS = 4;
const MEBIBYTE = 1024 * 1024;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const round = (value: number): number => Math.round(value * 10) / 10;

/** Says what each process takes and gives the sum of RSS; it counts pages that processes share once for each of them. */
const memoryTable = async (bedside: Bedside, when: string): Promise<number> => {
  const rows = await Promise.all(
    (await bedside.processes()).map(async ({ pid, name }) => ({ name, ...(await memoryOf(pid)) })),
  );
  const byName = Map.groupBy(rows, ({ name }) => name);
  say(`\nmemory ${when}`.padEnd(34) + 'count'.padStart(6) + 'RSS MB'.padStart(9) + 'PSS MB'.padStart(9));
  for (const [name, members] of byName) {
    const sum = (field: 'rssBytes' | 'pssBytes'): string =>
      round(members.reduce((total, row) => total + row[field], 0) / MEBIBYTE).toFixed(1);
    say(
      name.padEnd(33) + String(members.length).padStart(6) + sum('rssBytes').padStart(9) + sum('pssBytes').padStart(9),
    );
  }
  const total = (field: 'rssBytes' | 'pssBytes'): number => rows.reduce((sum, row) => sum + row[field], 0) / MEBIBYTE;
  say(`${'together'.padEnd(39)}${total('rssBytes').toFixed(1).padStart(9)}${total('pssBytes').toFixed(1).padStart(9)}`);
  return total('rssBytes');
};

const measure = async (): Promise<void> => {
  await using folder = await makeTempDir();
  const dataDir = folder.path;
  await (await startBedside({ dataDir })).close();
  await using bedside = await startBedside({ dataDir });
  const { origin } = bedside;
  say(`ready after ${bedside.readyAfterMs.toFixed(0)} ms (warm)`);
  const idle = await memoryTable(bedside, 'idle');

  await using patients = await launchBrowser({ capture: await captureFiles(1) });
  await using providers = await launchBrowser({ capture: await captureFiles(0) });
  for (const person of PATIENTS.slice(0, VISITS)) {
    const patient = await patients.newPage({ ownCookies: true });
    await signIn(patient, origin, person);
    const { encounterId } = await bookVisit(patient, 'Dr. Amara Okafor');
    const provider = await providers.newPage({ ownCookies: true });
    await signIn(provider, origin, 'Dr. Amara Okafor');
    await meet({ patient, provider }, { origin, encounterId });
  }
  const busy = await memoryTable(bedside, `with ${VISITS} visits`);

  await using fresh = await launchBrowser({ capture: await captureFiles(2) });
  const page = await fresh.newPage();
  await signIn(page, origin, 'Samira Haddad');
  const { encounterId } = await bookVisit(page, 'Dr. Luis Herrera');
  const download = await downloadOf(page, () => openVisit(page, origin, encounterId));
  say(`\nthe join page downloads`);
  for (const { path, gzipBytes, wireBytes } of download) {
    say(
      `${path.padEnd(50)}${(gzipBytes / 1000).toFixed(1).padStart(8)} kB gzipped${(wireBytes / 1000).toFixed(1).padStart(9)} kB sent`,
    );
  }
  const joinPageGzipKb = download.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0) / 1000;

  say(
    JSON.stringify({
      idleRssMb: round(idle),
      visitRssMb: round(busy),
      readyMs: Math.round(bedside.readyAfterMs),
      joinPageGzipKb: round(joinPageGzipKb),
    }),
  );
};

await runBench(measure);
