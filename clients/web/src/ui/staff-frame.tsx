import { DESK_ROLES } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso';
import {
  ACCESS_REVIEWS,
  AGREEMENTS,
  AUDIT,
  AVAILABILITY,
  CALENDAR,
  CARE_TEAMS,
  CORRECTIONS,
  COVER,
  DESK,
  DESK_BOOK,
  DESK_WAITLIST,
  HOME,
  MACHINES,
  PROXIES,
  RULES_COMPACTS,
  RULES_DAILY_CAPS,
  RULES_HOLIDAYS,
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
}

/** One entry of the navigation, and the pages behind it: its own link leads to the first. */
interface Section {
  readonly words: string;
  readonly pages: readonly NavLink[];
}

const alone = (href: string, words: string): Section => ({ words, pages: [{ href, words }] });

const COVER_LINK: NavLink = { href: COVER, words: 'Cover' };
const MACHINES_LINK: NavLink = { href: MACHINES, words: 'Machines' };

const COMPLIANCE: readonly NavLink[] = [
  { href: AUDIT, words: 'Audit trail' },
  { href: CORRECTIONS, words: 'Corrections' },
  { href: AGREEMENTS, words: 'Agreements' },
  { href: ACCESS_REVIEWS, words: 'Access reviews' },
];

const complianceSections = (): Section[] => {
  if (!isCompliance()) return [];
  // Whoever does nothing else finds it all in the first row.
  if (!isProvider() && !isDesk()) return COMPLIANCE.map(({ href, words }) => alone(href, words));
  return [{ words: 'Compliance', pages: COMPLIANCE }];
};

/** What is used all day comes first, what is kept once a month last. */
const sectionsOf = (): Section[] => [
  ...(isProvider()
    ? [
        alone(HOME, 'Today'),
        alone(CALENDAR, 'Calendar'),
        { words: 'Hours', pages: [{ href: AVAILABILITY, words: 'Your hours' }, ...(isDesk() ? [] : [COVER_LINK])] },
      ]
    : []),
  ...(isDesk()
    ? [
        alone(DESK, 'Front desk'),
        alone(DESK_BOOK, 'Book'),
        alone(DESK_WAITLIST, 'Waitlist'),
        {
          words: 'People',
          pages: [{ href: PROXIES, words: 'Proxies' }, { href: CARE_TEAMS, words: 'Care teams' }, COVER_LINK],
        },
        {
          words: 'House',
          pages: [
            { href: RULES_VISIT_TYPES, words: 'Visit types' },
            { href: RULES_LICENSES, words: 'Licences' },
            { href: RULES_COMPACTS, words: 'Compacts' },
            { href: RULES_PAYERS, words: 'Payers' },
            { href: RULES_HOLIDAYS, words: 'Holidays' },
            { href: RULES_DAILY_CAPS, words: 'Daily caps' },
            ...(isAdmin() ? [MACHINES_LINK] : []),
          ],
        },
      ]
    : []),
  ...complianceSections(),
];

/** The frame of pages for people who work here: with the way to the others. */
export const StaffFrame = ({ children, wide }: { children: ComponentChildren; wide?: boolean }): JSX.Element => {
  const { path } = useLocation();
  return (
    <Frame wide={wide ?? false} nav={<StaffNav path={path} />}>
      {children}
    </Frame>
  );
};

const StaffNav = ({ path }: { path: string }): JSX.Element => {
  // The home of those who see no patients is the first of their pages.
  const here = path === HOME && !isProvider() ? (isDesk() ? DESK : AUDIT) : path;
  const sections = sectionsOf();
  const open = sections.find(({ pages }) => pages.some(({ href }) => href === here));
  return (
    <nav class="staff-nav" aria-label="Pages">
      <ul class="staff-nav__links">
        {sections.map((section) => (
          <li key={section.words}>
            <a
              class="staff-nav__link"
              href={section.pages[0]?.href ?? HOME}
              aria-current={section !== open ? undefined : section.pages.length > 1 ? 'true' : 'page'}
            >
              {section.words}
            </a>
          </li>
        ))}
      </ul>
      {open && open.pages.length > 1 && (
        <ul class="staff-nav__pages" aria-label={open.words}>
          {open.pages.map(({ href, words }) => (
            <li key={href}>
              <a class="staff-nav__page" href={href} aria-current={href === here ? 'page' : undefined}>
                {words}
              </a>
            </li>
          ))}
        </ul>
      )}
    </nav>
  );
};
