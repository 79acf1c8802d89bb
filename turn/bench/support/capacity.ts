import type { LoadResult } from './generator-messages.ts';

/** More than this is loss; less may be one hiccup of a shared machine. */
const MAX_LOSS = 0.005;
/** Beyond it packets pile up somewhere, to be lost later. */
const MAX_P99_MS = 50;
/** Below this share of what was due the generator is what could not keep up. */
const MIN_SENT_SHARE = 0.98;
const STEP_UP = 1.5;
const BISECTIONS = 4;
const MAX_RATE = 2_000_000;
const MIN_RATE = 1_000;

const HOLD_ATTEMPTS = 5;
const STEP_DOWN = 0.9;

export const lossOf = ({ sent, received }: LoadResult): number => (sent - received) / Math.max(1, sent);

const isCarried = (result: LoadResult): boolean => lossOf(result) <= MAX_LOSS && result.p99Ms <= MAX_P99_MS;

export interface Capacity {
  /** Packets a second. */
  readonly rate: number;
  /** What kept a higher rate from passing. */
  readonly limit: 'server' | 'generator';
}

/**
 * The highest rate, to about 3 %, at which hardly anything is lost. A rate has failed when it fails twice. Zero where
 * not even a thousand packets a second pass.
 */
export const findCapacity = async (
  startRate: number,
  tryRate: (packetsPerSecond: number) => Promise<LoadResult>,
): Promise<Capacity> => {
  let limit: Capacity['limit'] = 'server';
  const passes = async (rate: number): Promise<boolean> => {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const result = await tryRate(rate);
      if (isCarried(result) && result.sentShare >= MIN_SENT_SHARE) return true;
      limit = result.sentShare < MIN_SENT_SHARE ? 'generator' : 'server';
    }
    return false;
  };
  let bad = startRate;
  while (bad >= MIN_RATE && !(await passes(bad))) bad = Math.round(bad / 2);
  if (bad < MIN_RATE) return { rate: 0, limit };
  let good = bad;
  bad = Math.round(bad * STEP_UP);
  while (bad < MAX_RATE && (await passes(bad))) {
    good = bad;
    bad = Math.round(bad * STEP_UP);
  }
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = Math.round((good + bad) / 2);
    if (await passes(middle)) good = middle;
    else bad = middle;
  }
  return { rate: good, limit };
};

/** A longer run at that rate; where it does not hold, at a lower one. Answers the last run and its rate. */
export const holdRate = async (
  rate: number,
  runLong: (packetsPerSecond: number) => Promise<LoadResult>,
): Promise<{ rate: number; result: LoadResult }> => {
  for (let attempt = 1, tried = rate; ; attempt += 1, tried = Math.round(tried * STEP_DOWN)) {
    const result = await runLong(tried);
    if (isCarried(result) || attempt === HOLD_ATTEMPTS) return { rate: tried, result };
  }
};
