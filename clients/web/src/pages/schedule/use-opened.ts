import type { Appointment } from '@bedside/protocol';
import { useState } from 'preact/hooks';

/**
 * The visit that somebody opened, as it is `shown`, or as it was when it is shown no more: the news of what they did
 * themselves may be here before the answer is, and must not take the question away that waits for it.
 */
export const useOpened = (
  shown: readonly Appointment[],
): { visit: Appointment | undefined; open: (visit: Appointment) => void; close: () => void } => {
  const [opened, setOpened] = useState<Appointment>();
  const visit = opened && (shown.find(({ id }) => id === opened.id) ?? opened);
  return { visit, open: setOpened, close: () => setOpened(undefined) };
};
