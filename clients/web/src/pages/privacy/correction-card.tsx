import type { Correction } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { me } from '../../session.ts';
import { midSentence } from '../../text/booking.ts';
import { dayAndTime } from '../../text/time.ts';
import { actWords, GROUNDS, STATUSES } from './correction-words.ts';
import './privacy.css';

/** A request with all that was said about it. */
export const CorrectionCard = (props: {
  correction: Correction;
  title: string;
  now: number;
  children?: ComponentChildren;
}): JSX.Element => {
  const { correction, now } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const [, ...answers] = correction.history;
  return (
    <li class="correction" data-testid="correction">
      <div class="row">
        <h2>{props.title}</h2>
        <span class={`chip${correction.isOverdue ? ' chip--warm' : ''}`}>{STATUSES[correction.status]}</span>
      </div>
      <p class="soft small">
        Asked {midSentence(dayAndTime(correction.createdAt, now, zone))}
        {correction.status === 'requested' &&
          ` · an answer is due by ${midSentence(dayAndTime(correction.dueAt, now, zone))}`}
      </p>
      <dl class="facts">
        <dt>What is wrong</dt>
        <dd class="correction__words">{correction.statement}</dd>
        <dt>What it should say</dt>
        <dd class="correction__words">{correction.proposed}</dd>
        {correction.denialBasis && (
          <>
            <dt>Reason</dt>
            <dd>{GROUNDS[correction.denialBasis]}</dd>
          </>
        )}
        {answers.map((entry) => (
          <>
            <dt key={`${entry.at} when`}>{dayAndTime(entry.at, now, zone)}</dt>
            <dd key={`${entry.at} what`} class="correction__words">
              {actWords(entry)}
              {entry.note && `: ${entry.note}`}
            </dd>
          </>
        ))}
      </dl>
      {props.children}
    </li>
  );
};
