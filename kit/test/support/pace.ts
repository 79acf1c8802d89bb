/** Processor time that is spent to find out: many of the kernel's time slices. */
const SPENT_MS = 80;

/**
 * How many times longer work takes at this moment than where nothing else runs: what this thread wanted of a processor
 * by what it got, at least 1. Bounds that are promised for a machine of its own are held against a time by it.
 */
export const slowdown = (): number => {
  const beganAt = performance.now();
  const before = process.threadCpuUsage();
  let spentMs = 0;
  while (spentMs < SPENT_MS) {
    const { user, system } = process.threadCpuUsage(before);
    spentMs = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - beganAt) / spentMs);
};

/** How long something that began at `beganAt` (of `performance.now`) would have taken on a machine of its own, ms. */
export const unhurriedMs = (beganAt: number): number => {
  const tookMs = performance.now() - beganAt;
  return tookMs / slowdown();
};
