/**
 * How long to wait before try number `attempt` (0 for the first repetition): exponential up to `maxMs`, of which at
 * least half is kept and the rest drawn by lot, so that many clients of one server do not come back as one.
 */
export const backoffMs = (options: {
  attempt: number;
  baseMs: number;
  maxMs: number;
  random: () => number;
}): number => {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(options.attempt, 30));
  return ceilingMs / 2 + (options.random() * ceilingMs) / 2;
};
