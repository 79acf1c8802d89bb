import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 250;

/**
 * Milliseconds until a deadline on a clock that this device's is `lagMs` behind, never below 0; renewed each second.
 * `onOver` is told once.
 */
export const useTimeLeft = (expiresAt: string, onOver: () => void, lagMs = 0): number => {
  const left = () => Math.max(0, Date.parse(expiresAt) - Date.now() - lagMs);
  const [leftMs, setLeftMs] = useState(left);
  useEffect(() => {
    // By the clock, not by counting: a phone that slept for a minute has lost a minute.
    const tick = setInterval(() => {
      const now = left();
      setLeftMs((before) => (Math.ceil(before / 1000) === Math.ceil(now / 1000) ? before : now));
    }, TICK_MS);
    setLeftMs(left());
    return () => clearInterval(tick);
  }, [expiresAt, lagMs]);
  const isOver = leftMs === 0;
  useEffect(() => {
    if (isOver) onOver();
  }, [isOver]);
  return leftMs;
};
