import type { VisitPhase } from '@bedside/sdk';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useTitle } from '../../hooks/use-title.ts';

const TITLES: Record<VisitPhase, string> = {
  idle: 'Visit',
  'device-check': 'Camera and sound',
  waiting: 'Waiting room',
  'in-visit': 'In the visit',
  over: 'Visit over',
};

/** When one stage of a visit gives way to the next, focus and title follow, so that nobody is left on a page that went. */
export const usePhaseFocus = (phase: VisitPhase): void => {
  const before = useRef(phase);
  useTitle(TITLES[phase]);
  useLayoutEffect(() => {
    if (before.current === phase) return;
    // The first phase is the page itself; a focus there would skip its beginning.
    if (before.current !== 'idle') document.getElementById('main')?.focus();
    before.current = phase;
  }, [phase]);
};
