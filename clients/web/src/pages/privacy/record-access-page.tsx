import type { RecordAccess } from '@bedside/protocol';
import type { JSX } from 'preact';
import { fetchRecordAccess } from '../../api/rights-api.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { clockTime, zoneName } from '../../text/time.ts';
import { dayWords } from '../../text/visits.ts';
import { wallClock } from '../../text/zoned.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { PersonFrame } from '../../ui/person-frame.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { accessWords, byDay } from './access-words.ts';
import './privacy.css';

/** Who did something with the patient's own record, day by day. */
export const RecordAccessPage = (): JSX.Element => {
  useTitle('Who saw your record');
  const zone = me.value?.timeZone ?? 'UTC';
  const { items, error, more } = usePages<RecordAccess>(async (cursor) => {
    const { entries, next } = await fetchRecordAccess(cursor);
    return { items: entries, ...(next !== null && { next }) };
  });
  const days = byDay(items ?? [], (at) => wallClock(Date.parse(at), zone).date);
  return (
    <PersonFrame>
      <div class="privacy">
        <div class="stack">
          <h1>Who saw your record</h1>
          <p>
            Everything that others did with your record here is written down and cannot be changed afterwards. What you
            did yourself is left out. Times are in {zoneName(zone)}.
          </p>
        </div>
        {error && <Notice tone="danger">{error.message}</Notice>}
        {!items && !error && <Loading words="Looking it up…" />}
        {items?.length === 0 && <p data-testid="access-none">Nobody else has seen your record.</p>}
        {days.map(({ date, entries }) => (
          <section key={date} class="access-day" aria-labelledby={`day-${date}`}>
            <h2 id={`day-${date}`}>{dayWords(date)}</h2>
            <ul>
              {entries.map((entry) => (
                <li key={`${entry.at} ${entry.name} ${entry.kind}`} class="access" data-testid="access">
                  <span class="numeric soft">{clockTime(entry.at, zone)}</span>
                  <span>{accessWords(entry)}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {more && (
          <p>
            <button type="button" class="button button--secondary" data-testid="access-more" onClick={more}>
              Show earlier
            </button>
          </p>
        )}
        <PhoneLine words="Do you wonder about one of these? Call the clinic:" />
      </div>
    </PersonFrame>
  );
};
