import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A little more than a year: one answer covers most of what one caller asks. */
const BLOCK_DAYS = 400;
const BLOCK_MS = BLOCK_DAYS * DAY_MS;
/** About 1 kB each. Thirty zones over a few years are in use at once; a stranger who names all of them makes us slow. */
const MAX_BLOCKS = 2_000;

/** How far a zone's clock is ahead of UTC. `sinceMs[i]` is the instant from which `offsetsMs[i]` holds. */
interface OffsetBlock {
  readonly sinceMs: readonly number[];
  readonly offsetsMs: readonly number[];
}

/** By zone and block of time. The tz database does not change while the process lives. */
const blocks = new Map<string, Map<number, OffsetBlock>>();
let blockCount = 0;

const offsetFromLuxon = (zone: IANAZone, atMs: number): number => zone.offset(atMs) * MINUTE_MS;

const firstInstantOf = (zone: IANAZone, { beforeMs, fromMs }: { beforeMs: number; fromMs: number }): number => {
  const offset = offsetFromLuxon(zone, fromMs);
  let [low, high] = [beforeMs, fromMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetFromLuxon(zone, middle) === offset) high = middle;
    else low = middle;
  }
  return high;
};

/** Looks at every day: no zone has changed its clock twice within a day since 1972, and the time oracle would tell. */
const makeBlock = (zone: IANAZone, startMs: number): OffsetBlock => {
  const sinceMs = [startMs];
  const offsetsMs = [offsetFromLuxon(zone, startMs)];
  for (let day = 1; day <= BLOCK_DAYS; day++) {
    const atMs = startMs + day * DAY_MS;
    const offset = offsetFromLuxon(zone, atMs);
    if (offset === offsetsMs.at(-1)) continue;
    sinceMs.push(firstInstantOf(zone, { beforeMs: atMs - DAY_MS, fromMs: atMs }));
    offsetsMs.push(offset);
  }
  return { sinceMs, offsetsMs };
};

const keep = (zoneName: string, index: number, block: OffsetBlock): void => {
  if (blockCount >= MAX_BLOCKS) {
    blocks.clear();
    blockCount = 0;
  }
  blockCount++;
  const ofZone = blocks.get(zoneName);
  if (ofZone === undefined) blocks.set(zoneName, new Map([[index, block]]));
  else ofZone.set(index, block);
};

const blockOf = (zoneName: string, atMs: number): OffsetBlock => {
  const index = Math.floor(atMs / BLOCK_MS);
  const known = blocks.get(zoneName)?.get(index);
  if (known !== undefined) return known;
  const zone = IANAZone.create(zoneName);
  if (!zone.isValid) throw new RangeError('This is no time zone of the tz database.');
  const made = makeBlock(zone, index * BLOCK_MS);
  keep(zoneName, index, made);
  return made;
};

/**
 * How far a zone's clock is ahead of UTC at an instant, in milliseconds. Luxon's answer at a fiftieth of its price: it
 * formats a date for each question, and writing out one provider's month asks hundreds. Throws where the zone is none.
 */
export const offsetAt = (zoneName: string, atMs: number): number => {
  const { sinceMs, offsetsMs } = blockOf(zoneName, atMs);
  let index = sinceMs.length - 1;
  while (index > 0 && (sinceMs[index] ?? 0) > atMs) index--;
  return offsetsMs[index] ?? 0;
};
