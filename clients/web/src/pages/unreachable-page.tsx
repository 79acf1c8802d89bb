import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApiError } from '../api/http.ts';
import { useTitle } from '../hooks/use-title.ts';
import { loadMe } from '../session.ts';
import { Frame } from '../ui/frame.tsx';

/** Core does not answer. The page tries again by itself. */
export const UnreachablePage = ({ error }: { error: ApiError }): JSX.Element => {
  useTitle('One moment');
  useEffect(() => {
    const again = setInterval(() => void loadMe(), 10_000);
    const atOnce = () => void loadMe();
    addEventListener('online', atOnce);
    return () => {
      clearInterval(again);
      removeEventListener('online', atOnce);
    };
  }, []);
  return (
    <Frame narrow>
      <div class="stack">
        <h1>We cannot reach the clinic’s server.</h1>
        <p role="status">{error.message}</p>
        <p class="soft">Your appointments are safe. This page keeps trying by itself.</p>
        <p>
          <button type="button" class="button button--secondary" onClick={() => void loadMe()}>
            Try now
          </button>
        </p>
      </div>
    </Frame>
  );
};
