import { useEffect } from 'preact/hooks';

const REFRESH_MS = 30_000;

/** Calls every half a minute while the page is looked at, and at once when somebody comes back to it. */
export const useRefresh = (reload: () => void): void => {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(look, REFRESH_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [reload]);
};
