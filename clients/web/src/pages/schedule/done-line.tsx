import type { JSX } from 'preact';

/** Says what was just done. Always there, so that readers hear it change; empty it takes no room. */
export const DoneLine = ({ words }: { words: string }): JSX.Element => (
  <p class="done-line" role="status" data-testid="done">
    {words}
  </p>
);
