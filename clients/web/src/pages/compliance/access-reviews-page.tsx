import type { AccessReview } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchAccessReviews } from '../../api/rights-api.ts';
import { useNow } from '../../hooks/use-now.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { me } from '../../session.ts';
import { dateWords, wallClock } from '../../text/zoned.ts';
import { isCompliance } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { ListPage } from '../schedule/list-page.tsx';
import { SignReviewDialog } from './sign-review-dialog.tsx';

export const AccessReviewsPage = (): JSX.Element => (isCompliance() ? <AccessReviews /> : <NotFoundPage />);

const count = (number: number, one: string, several: string): string => `${number} ${number === 1 ? one : several}`;

/** Reviews of who could see what and who did, as they were made, and who has signed them. */
const AccessReviews = (): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(useNow(60_000), zone).date;
  const on = (instant: string): string => dateWords(wallClock(Date.parse(instant), zone).date, today);
  const list = usePages<AccessReview>(async (cursor) => {
    const { reviews, next } = await fetchAccessReviews(cursor);
    return { items: reviews, next };
  });
  const [signing, setSigning] = useState<AccessReview>();
  const [done, setDone] = useState('');
  const own = me.value?.person.id;
  return (
    <ListPage
      title="Access reviews"
      about={
        <>
          Who could see which records in a quarter, and who did. Reviews are made on the server, by{' '}
          <code>npm run access-review</code>; read the file, then sign here that you did.
        </>
      }
      done={done}
      list={list}
      loading="Looking up the reviews…"
      none="No review was made yet."
      item={(one) => (
        <li key={one.id} class="rule" data-testid="review">
          <div>
            <p class="row">
              <strong>{periodOf(one, today)}</strong>
              <span class={`chip ${one.signatures.length > 0 ? 'chip--live' : 'chip--warm'}`}>
                {one.signatures.length > 0 ? 'Signed' : 'Not signed'}
              </span>
            </p>
            <p>
              {count(one.findings, 'thing', 'things')} to look at, among {count(one.accounts, 'account', 'accounts')}
            </p>
            {one.signatures.map(({ by, at, remark }) => (
              <p key={by.id} class="small" data-testid="review-signature">
                Signed by {by.displayName}, {on(at)}
                {remark && `: “${remark}”`}
              </p>
            ))}
            <p class="soft small">made {on(one.madeAt)}</p>
          </div>
          {one.signatures.every(({ by }) => by.id !== own) && (
            <button
              type="button"
              class="button button--secondary"
              data-testid="review-sign"
              aria-label={`Sign: ${periodOf(one, today)}`}
              onClick={() => setSigning(one)}
            >
              Sign
            </button>
          )}
        </li>
      )}
    >
      {signing && (
        <SignReviewDialog
          review={signing}
          onClose={() => setSigning(undefined)}
          onDone={() => {
            setSigning(undefined);
            setDone('You have signed the review.');
            list.reload();
          }}
        />
      )}
    </ListPage>
  );
};

/** Quarters are those of UTC, and the period's end is the first instant after it. */
const periodOf = ({ periodFrom, periodTo }: AccessReview, today: string): string => {
  const last = wallClock(Date.parse(periodTo) - 1, 'UTC').date;
  const first = periodFrom.slice(0, 10);
  return first >= last ? dateWords(first, today) : `${dateWords(first, today)} to ${dateWords(last, today)}`;
};
