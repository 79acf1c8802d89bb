/** Takes the lock named by its argument, says so, and keeps it until it is killed. */
import { acquireProcessLock } from '../../process-lock.ts';

const { path } = JSON.parse(process.argv[2] ?? '') as { path: string };
await acquireProcessLock({ path });
process.stdout.write(`${JSON.stringify({ held: true })}\n`);
setInterval(() => undefined, 60_000);
