import type { CalendarFeed } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { fetchCalendarFeeds, makeCalendarFeed, revokeCalendarFeed } from '../api/scheduling-api.ts';
import { useAct } from '../hooks/use-act.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { useTitle } from '../hooks/use-title.ts';
import { HOME } from '../routes.ts';
import { me } from '../session.ts';
import { dayAndTime } from '../text/time.ts';
import { Frame } from '../ui/frame.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import '../ui/input.css';
import './calendar-link-page.css';

/** Links under which a calendar program reads when one's visits are; made, shown once, taken back. */
export const CalendarLinkPage = (): JSX.Element => {
  useTitle('Your calendar link');
  const loaded = useLoaded(fetchCalendarFeeds);
  const [made, setMade] = useState<CalendarFeed>();
  const making = useAct();
  const revoking = useAct();
  const error = making.error ?? revoking.error ?? loaded.error;
  const view: CalendarFeed['view'] = me.value?.roles.includes('provider') ? 'provider' : 'patient';
  const make = () =>
    making.run(
      { view },
      ({ view: wanted }, how) => makeCalendarFeed(wanted, how),
      (feed) => {
        setMade(feed);
        loaded.reload();
      },
    );
  const revoke = (feed: CalendarFeed) =>
    revoking.run(
      feed,
      ({ id }) => revokeCalendarFeed(id),
      () => {
        if (made?.id === feed.id) setMade(undefined);
        loaded.reload();
      },
    );
  return (
    <Frame narrow>
      <div class="calendar-link">
        <a class="button button--quiet calendar-link__back" href={HOME}>
          <Icon name="back" /> Your visits
        </a>
        <div class="stack">
          <h1>Your visits in your own calendar</h1>
          <p>
            Your calendar program can follow a link and keep itself up to date, also when a visit is moved or cancelled.
            Anyone with this link can see when you have visits, not with whom or why. You can take it back at any time.
          </p>
        </div>
        {made?.url && <NewLink url={made.url} />}
        {error && <Notice tone="danger">{error.message}</Notice>}
        <p>
          <button
            type="button"
            class={`button ${made ? 'button--secondary' : 'button--primary'}`}
            data-testid="feed-make"
            aria-disabled={making.busy}
            onClick={() => void make()}
          >
            {making.busy ? 'One moment…' : made ? 'Make another link' : 'Make a link'}
          </button>
        </p>
        {!loaded.value && !loaded.error && <Loading words="Looking up your links…" />}
        {loaded.value && loaded.value.length > 0 && (
          <Links feeds={loaded.value} onRevoke={(feed) => void revoke(feed)} />
        )}
      </div>
    </Frame>
  );
};

const NewLink = ({ url }: { url: string }): JSX.Element => {
  const [copied, setCopied] = useState(false);
  const fieldId = useId();
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setCopied(true);
    } catch {
      // Not allowed here: selected, it is one key away.
      field.current?.select();
    }
  };
  return (
    <section class="card stack" aria-label="Your new link">
      <label class="field" for={fieldId}>
        <span class="field__label">Your link. It is shown only now.</span>
        <input
          id={fieldId}
          ref={field}
          class="input"
          readOnly
          value={url}
          data-testid="feed-url"
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <div class="row">
        <button type="button" class="button button--primary" data-testid="feed-copy" onClick={() => void copy()}>
          Copy the link
        </button>
        <span role="status" class="soft">
          {copied && 'Copied.'}
        </span>
      </div>
      <p class="soft small">
        In your calendar program, look for “Subscribe to a calendar” or “Add calendar from URL” and paste it there.
      </p>
    </section>
  );
};

const Links = (props: { feeds: readonly CalendarFeed[]; onRevoke: (feed: CalendarFeed) => void }): JSX.Element => {
  const now = useNow(60_000);
  const zone = me.value?.timeZone ?? 'UTC';
  return (
    <section class="stack" aria-labelledby="feeds">
      <h2 id="feeds">Links you have given out</h2>
      <ul>
        {props.feeds.map((feed) => (
          <li key={feed.id} class="calendar-link__item" data-testid="feed">
            <p>
              Made: {dayAndTime(feed.createdAt, now, zone)}
              <br />
              <span class="soft small">
                {feed.readAt ? `Last read: ${dayAndTime(feed.readAt, now, zone)}` : 'Not read yet'}
              </span>
            </p>
            <button
              type="button"
              class="button button--quiet"
              data-testid="feed-revoke"
              aria-label={`Take it back: the link made ${dayAndTime(feed.createdAt, now, zone)}`}
              onClick={() => props.onRevoke(feed)}
            >
              Take it back
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};
