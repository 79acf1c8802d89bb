/**
 * The nightly fuzz: `node turn/test/fuzz-wire.ts [count] [seed]`, ten million inputs by default. Prints the seed first,
 * so that a failure can be run again.
 */
import { fuzzWire } from './support/fuzz-wire.ts';

const BATCH = 1_000_000;
const count = Number(process.argv[2] ?? 10_000_000);
const firstSeed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
process.stdout.write(`seed ${firstSeed}, ${count} inputs\n`);
let accepted = 0;
for (let done = 0, seed = firstSeed; done < count; done += BATCH, seed += 1) {
  accepted += fuzzWire({ seed, count: Math.min(BATCH, count - done) }).accepted;
  process.stdout.write(`${Math.min(done + BATCH, count)} inputs, ${accepted} well-formed\n`);
}
