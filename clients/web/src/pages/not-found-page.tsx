import type { JSX } from 'preact';
import { useTitle } from '../hooks/use-title.ts';
import { HOME } from '../routes.ts';
import { Frame } from '../ui/frame.tsx';

export const NotFoundPage = (): JSX.Element => {
  useTitle('Not found');
  return (
    <Frame narrow>
      <div class="stack">
        <h1>There is no page at this address.</h1>
        <p class="soft">Perhaps the link was cut short on its way to you. Your visits are on your home page.</p>
        <p>
          <a class="button button--primary" href={HOME}>
            Go to your home page
          </a>
        </p>
      </div>
    </Frame>
  );
};
