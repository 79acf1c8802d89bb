/**
 * How long to wait before repetition `attempt` (0 is the first): doubles up to `maxMs`; the upper half is drawn by lot,
 * so that many clients of a restarted server do not return in one instant.
 */
export const backoffMs = (options: {
  attempt: number;
  baseMs: number;
  maxMs: number;
  random: () => number;
}): number => {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(options.attempt, 20));
  return ceilingMs * (0.5 + 0.5 * options.random());
};
