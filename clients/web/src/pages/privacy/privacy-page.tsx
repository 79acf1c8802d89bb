import type { JSX } from 'preact';
import { useTitle } from '../../hooks/use-title.ts';
import { ACCOUNT, HOME, OWN_CORRECTIONS, OWN_PROXIES, RECORD_ACCESS, RECORD_COPY } from '../../routes.ts';
import { Frame } from '../../ui/frame.tsx';
import { Icon } from '../../ui/icons.tsx';
import './privacy.css';

const PAGES = [
  { href: RECORD_ACCESS, title: 'Who saw your record', about: 'Everybody who looked into it or changed it, and when.' },
  { href: RECORD_COPY, title: 'A copy of your record', about: 'To read and print, or for another clinic’s computer.' },
  {
    href: OWN_CORRECTIONS,
    title: 'Something is wrong in it',
    about: 'Ask for a correction, and see what became of it.',
  },
  { href: OWN_PROXIES, title: 'People who may act for you', about: 'Who they are and what they may do.' },
  { href: ACCOUNT, title: 'Your sign-in', about: 'Where you are signed in, and your security keys.' },
];

/** What is a patient's own to decide about their record. */
export const PrivacyPage = (): JSX.Element => {
  useTitle('Your record and privacy');
  return (
    <Frame narrow>
      <div class="privacy">
        <p>
          <a class="button button--quiet back-link" href={HOME}>
            <Icon name="back" /> Your visits
          </a>
        </p>
        <h1>Your record and privacy</h1>
        <ul class="privacy__pages">
          {PAGES.map(({ href, title, about }) => (
            <li key={href}>
              <a class="privacy__page" href={href}>
                <strong>{title}</strong>
                <span class="soft">{about}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </Frame>
  );
};
