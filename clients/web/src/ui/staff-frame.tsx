import { DESK_ROLES } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso';
import {
  ACCESS_REVIEWS,
  AGREEMENTS,
  AUDIT,
  AVAILABILITY,
  CALENDAR,
  CORRECTIONS,
  DESK,
  DESK_BOOK,
  DESK_WAITLIST,
  HOME,
  MACHINES,
  PROXIES,
  RULES_LICENSES,
  RULES_PAYERS,
  RULES_VISIT_TYPES,
} from '../routes.ts';
import { me } from '../session.ts';
import { Frame } from './frame.tsx';
import './staff-frame.css';

export const isProvider = (): boolean => me.value?.roles.includes('provider') ?? false;

/** May act for patients and see every calendar of the organization. */
export const isDesk = (): boolean => DESK_ROLES.some((role) => me.value?.roles.includes(role));

/** Keeps the rules of the house. */
export const isAdmin = (): boolean => me.value?.roles.includes('admin') ?? false;

/** Watches over who sees what: the audit trail, requests of patients, agreements, access reviews. */
export const isCompliance = (): boolean => isAdmin() || (me.value?.roles.includes('compliance') ?? false);

interface NavLink {
  readonly href: string;
  readonly words: string;
  /** Further pages behind the same link. */
  readonly also?: readonly string[];
}

const linksOf = (): NavLink[] => [
  ...(isProvider()
    ? [
        { href: HOME, words: 'Today' },
        { href: CALENDAR, words: 'Calendar' },
        { href: AVAILABILITY, words: 'Hours' },
      ]
    : []),
  ...(isDesk()
    ? [
        { href: DESK, words: 'Front desk' },
        { href: DESK_BOOK, words: 'Book' },
        { href: DESK_WAITLIST, words: 'Waitlist' },
        { href: PROXIES, words: 'Proxies' },
        { href: RULES_VISIT_TYPES, words: 'Rules', also: [RULES_LICENSES, RULES_PAYERS] },
      ]
    : []),
  ...(isCompliance()
    ? [
        { href: AUDIT, words: 'Audit trail' },
        { href: CORRECTIONS, words: 'Corrections' },
        { href: AGREEMENTS, words: 'Agreements' },
        { href: ACCESS_REVIEWS, words: 'Access reviews' },
      ]
    : []),
  ...(isAdmin() ? [{ href: MACHINES, words: 'Machines' }] : []),
];

/** The frame of pages for people who work here: with the way to the others. */
export const StaffFrame = ({ children, wide }: { children: ComponentChildren; wide?: boolean }): JSX.Element => {
  const { path } = useLocation();
  // The home of those who see no patients is the first of their pages.
  const here = path === HOME && !isProvider() ? (isDesk() ? DESK : AUDIT) : path;
  return (
    <Frame
      wide={wide ?? false}
      nav={
        <nav class="staff-nav" aria-label="Pages">
          <ul class="staff-nav__links">
            {linksOf().map(({ href, words, also }) => (
              <li key={href}>
                <a
                  class="staff-nav__link"
                  href={href}
                  aria-current={href === here ? 'page' : also?.includes(here) ? 'true' : undefined}
                >
                  {words}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      }
    >
      {children}
    </Frame>
  );
};
