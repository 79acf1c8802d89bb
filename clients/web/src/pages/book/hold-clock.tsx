import type { JSX } from 'preact';
import { useTimeLeft } from '../../hooks/use-time-left.ts';
import { isShort, milestoneWords } from '../../text/held.ts';
import { countdown } from '../../text/time.ts';
import { Icon } from '../../ui/icons.tsx';

/**
 * How much longer a time is kept. The seconds are for the eye; a screen reader is told at five minutes, two, one and a
 * half.
 */
export const HoldClock = (props: {
  expiresAt: string;
  lagMs?: number;
  onOver: () => void;
  /** Absent where it cannot be prolonged. */
  onExtend?: (() => void) | undefined;
  extending?: boolean;
}): JSX.Element => {
  const leftMs = useTimeLeft(props.expiresAt, props.onOver, props.lagMs);
  return (
    <div class={`hold-clock${isShort(leftMs) ? ' hold-clock--short' : ''}`}>
      <Icon name="clock" />
      <p class="hold-clock__left numeric" aria-hidden="true" data-testid="hold-left">
        {countdown(leftMs)}
      </p>
      <p class="visually-hidden" role="status">
        {milestoneWords(leftMs)}
      </p>
      {props.onExtend && (
        <button
          type="button"
          class="button button--secondary hold-clock__extend"
          data-testid="hold-extend"
          aria-disabled={props.extending === true}
          onClick={() => props.extending || props.onExtend?.()}
        >
          {props.extending ? 'One moment…' : 'I need 10 minutes more'}
        </button>
      )}
    </div>
  );
};
