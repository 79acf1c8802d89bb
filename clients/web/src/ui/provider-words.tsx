import type { Provider } from '@bedside/protocol';
import type { JSX } from 'preact';
import { initials } from '../text/visits.ts';

/** Somebody who can be booked: initials, name, specialty. */
export const ProviderWords = ({ provider }: { provider: Provider }): JSX.Element => (
  <>
    <span class="avatar" aria-hidden="true">
      {initials(provider.displayName)}
    </span>
    <span class="choice__words">
      <strong>{provider.displayName}</strong>
      <span class="soft small">{provider.specialty}</span>
    </span>
  </>
);
