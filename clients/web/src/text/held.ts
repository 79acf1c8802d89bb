/** Words for a time that is kept for somebody for some minutes. */

/** What is told when this much is left, once each: a voice that counts every second helps nobody. */
const MILESTONES = [
  { leftMs: 30_000, words: '30 seconds left.' },
  { leftMs: 60_000, words: 'One minute left.' },
  { leftMs: 120_000, words: 'Two minutes left.' },
  { leftMs: 300_000, words: 'Five minutes left.' },
] as const;

/** What a screen reader is told now; empty where more than five minutes are left. */
export const milestoneWords = (leftMs: number): string => {
  if (leftMs <= 0) return 'The time is over.';
  return MILESTONES.find((milestone) => leftMs <= milestone.leftMs)?.words ?? '';
};

/** From here on the page says that it is getting short. */
export const isShort = (leftMs: number): boolean => leftMs <= 120_000;

/**
 * How far this device's clock is behind the server's, ms: what a deadline has to be read with. A deadline is made
 * `lifeMs` before it ends, and that happened after the request went out; differences that the way alone explains are
 * none.
 */
export const clockLag = (made: { expiresAt: string; lifeMs: number; askedAtMs: number }): number => {
  const lag = Date.parse(made.expiresAt) - made.lifeMs - made.askedAtMs;
  return Math.abs(lag) < 20_000 ? 0 : lag;
};
