import type { JSX } from 'preact';
import { me } from '../session.ts';
import { Icon } from './icons.tsx';

/** The last resort, where nothing else works: the clinic's phone, if it gave one. */
export const PhoneLine = ({ words = 'You can also call the clinic:' }: { words?: string }): JSX.Element | null => {
  const phone = me.value?.organization.phone;
  if (!phone) return null;
  return (
    <p class="phone-line">
      <Icon name="phone" />
      <span>
        {words}{' '}
        <a class="nowrap" href={`tel:${phone}`}>
          {phone}
        </a>
      </span>
    </p>
  );
};
