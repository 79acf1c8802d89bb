import { useEffect } from 'preact/hooks';

/**
 * Keeps the screen on: a phone that falls asleep would drop its owner out of the waiting room or the visit. The browser
 * takes the lock away when the page is hidden, so it is asked for again when it shows.
 */
export const useWakeLock = (): void => {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let closed = false;
    const ask = async () => {
      if (document.visibilityState !== 'visible') return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (closed) await lock.release();
      } catch {
        // Low battery or a setting of the owner: theirs to decide.
      }
    };
    const visible = () => void ask();
    void ask();
    document.addEventListener('visibilitychange', visible);
    return () => {
      closed = true;
      document.removeEventListener('visibilitychange', visible);
      void lock?.release();
    };
  }, []);
};
