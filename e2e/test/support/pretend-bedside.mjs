// Behaves as Bedside's program does towards whoever starts it, with one child and nothing behind it.
import { spawn } from 'node:child_process';

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);
if (process.env.PRETEND === 'fail') {
  process.stderr.write('DATABASE_URL leads nowhere\n');
  process.exit(1);
}
const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
process.on('SIGINT', () => {
  child.kill();
  say('stopped');
  process.exit(0);
});
say(`Bedside is ready at http://localhost:${process.env.BEDSIDE_PORT}`);
