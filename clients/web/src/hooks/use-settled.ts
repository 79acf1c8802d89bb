import { useEffect, useState } from 'preact/hooks';

const PAUSE_MS = 250;

/** The value as it was when it last stood still for a moment: while somebody types, nothing is asked. */
export const useSettled = (value: string): string => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
};
