import type { CalendarFeed } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { fetchCalendarFeeds, makeCalendarFeed, revokeCalendarFeed } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { clockTime, dayName } from '../../text/time.ts';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';

const atWords = (instant: string): string => {
  const zone = me.value?.timeZone ?? 'UTC';
  return `${dayName(instant, Date.now(), zone)}, ${clockTime(instant, zone)}`;
};

/** Visits in another calendar program: a secret address, shown once, and its revocation. */
export const CalendarFeeds = ({ view }: { view: CalendarFeed['view'] }): JSX.Element => {
  const { value, error, reload } = useLoaded(fetchCalendarFeeds);
  const [made, setMade] = useState<CalendarFeed>();
  const [revoked, setRevoked] = useState('');
  const act = useAct();
  const feeds = (value ?? []).filter((feed) => feed.view === view);
  const make = () =>
    act.run(
      { view },
      (request, how) => makeCalendarFeed(request.view, how),
      (feed) => {
        setRevoked('');
        setMade(feed);
        reload();
      },
    );
  const revoke = ({ id }: CalendarFeed) =>
    act.run(
      { id },
      () => revokeCalendarFeed(id),
      () => {
        if (made?.id === id) setMade(undefined);
        setRevoked('The address works no more.');
        reload();
      },
    );
  return (
    <section class="stack" aria-labelledby="feeds">
      <h2 id="feeds">In your own calendar</h2>
      <p class="soft">
        Subscribe to your visits from another calendar program. Whoever has the address can see when you have visits,
        not with whom.
      </p>
      {error && <Notice tone="danger">{error.message}</Notice>}
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
      <p role="status">{revoked}</p>
      {made?.url && <NewFeed url={made.url} />}
      <ul class="rules">
        {feeds.map((feed) => (
          <li key={feed.id} class="rule" data-testid="feed">
            <div>
              <p>Made {atWords(feed.createdAt)}</p>
              <p class="soft small">{feed.readAt ? `Last read ${atWords(feed.readAt)}` : 'Not read so far'}</p>
            </div>
            <button
              type="button"
              class="button button--quiet"
              data-testid="feed-revoke"
              aria-label={`Revoke the address made ${atWords(feed.createdAt)}`}
              disabled={act.busy}
              onClick={() => void revoke(feed)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <p>
        <button
          type="button"
          class="button button--secondary"
          data-testid="feed-make"
          disabled={act.busy}
          onClick={() => void make()}
        >
          Make an address
        </button>
      </p>
    </section>
  );
};

const NewFeed = ({ url }: { url: string }): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState('');
  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(url);
      setCopied('Copied.');
    } catch {
      setCopied('Press Ctrl+C to copy what is selected.');
    }
  };
  return (
    <div class="notice" data-testid="feed-made">
      <div class="stack feed-made">
        <Field label="The address" hint="It is shown this one time. Copy it now.">
          <input ref={input} class="input" readOnly value={url} data-testid="feed-url" />
        </Field>
        <div class="row">
          <button type="button" class="button button--primary" onClick={() => void copy()}>
            Copy
          </button>
          <span role="status">{copied}</span>
        </div>
      </div>
    </div>
  );
};
