import { useEffect, useState } from 'preact/hooks';

/** The present instant in ms, renewed every `everyMs`: for words like "in 12 minutes". */
export const useNow = (everyMs = 10_000): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(tick);
  }, [everyMs]);
  return now;
};
