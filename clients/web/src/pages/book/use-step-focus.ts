import { useLayoutEffect, useRef } from 'preact/hooks';

/** When one step gives way to the next, the page begins at its top again, for eyes and for the keyboard. */
export const useStepFocus = (step: string): void => {
  const before = useRef(step);
  useLayoutEffect(() => {
    if (before.current === step) return;
    before.current = step;
    scrollTo(0, 0);
    document.getElementById('main')?.focus();
  }, [step]);
};
