import type { JSX } from 'preact';
import type { Wish } from './book-model.ts';

/** The way to the waitlist. Seats of group sessions are not waited for. */
export const NoTimeSuits = ({ wish, onWait }: { wish: Wish; onWait: () => void }): JSX.Element | null =>
  wish.visitType.seats > 1 ? null : (
    <section class="card stack" aria-labelledby="no-time">
      <h2 id="no-time">No time suits?</h2>
      <p class="soft">Wait in line: when somebody gives a time back, it is offered here.</p>
      <p>
        <button type="button" class="button button--secondary" data-testid="wait-open" onClick={onWait}>
          Join the waitlist
        </button>
      </p>
    </section>
  );
