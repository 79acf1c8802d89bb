import { useLayoutEffect, useRef } from 'preact/hooks';

/** The steps that led here, in the session history: names of steps and nothing else. */
const stepsOf = (state: unknown): string[] => {
  const steps = (state as { steps?: unknown } | null)?.steps;
  return Array.isArray(steps) ? steps.filter((one) => typeof one === 'string') : [];
};

/**
 * Makes the steps of a page entries of the browser's history, so that its Back goes one step back and not off the page.
 * A step that was passed already is gone back to; `final` steps take the place of the one before.
 */
export const useStepHistory = (options: {
  step: string;
  first: string;
  /** Steps that cannot be come back from. */
  final: readonly string[];
  /** The browser went to this step. */
  onMove: (step: string) => void;
}): void => {
  const { step, first, final } = options;
  const move = useRef(options.onMove);
  move.current = options.onMove;
  // Before a step is painted: a Back pressed as soon as it shows leaves it, and not the one before it too.
  useLayoutEffect(() => {
    history.replaceState({ steps: [first] }, '');
    const moved = ({ state }: PopStateEvent) => move.current(stepsOf(state).at(-1) ?? first);
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, [first]);
  useLayoutEffect(() => {
    const steps = stepsOf(history.state);
    const current = steps.at(-1) ?? first;
    if (current === step) return;
    const passed = steps.indexOf(step);
    if (passed >= 0) history.go(passed - (steps.length - 1));
    else if (final.includes(step)) history.replaceState({ steps: [...steps.slice(0, -1), step] }, '');
    else history.pushState({ steps: [...steps, step] }, '');
  }, [step]);
};
