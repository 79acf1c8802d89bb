/** Opens the data folder named by its argument, says so, and keeps it until it is killed. */
import { openDataDir } from '../../data-dir.ts';

const { path } = JSON.parse(process.argv[2] ?? '') as { path: string };
try {
  await openDataDir({ path, waitMs: 0 });
  process.stdout.write(`${JSON.stringify({ held: true })}\n`);
  setInterval(() => undefined, 60_000);
} catch (cause) {
  process.stderr.write(String(cause));
  process.exitCode = 1;
}
