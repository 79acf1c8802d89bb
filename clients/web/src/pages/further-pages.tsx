import type { JSX } from 'preact';
import { lazy, Route, Router } from 'preact-iso';
import {
  ACCESS_REVIEWS,
  ACCOUNT,
  AGREEMENTS,
  AUDIT,
  AVAILABILITY,
  AVAILABILITY_OF,
  CALENDAR,
  CALENDAR_LINK,
  CARE_TEAMS,
  CORRECTIONS,
  COVER,
  DESK,
  DESK_BOOK,
  DESK_WAITLIST,
  EMERGENCY,
  MACHINES,
  OWN_CORRECTIONS,
  OWN_PROXIES,
  PRIVACY,
  PROXIES,
  RECORD_ACCESS,
  RECORD_COPY,
  RULES_COMPACTS,
  RULES_DAILY_CAPS,
  RULES_HOLIDAYS,
  RULES_LICENSES,
  RULES_PAYERS,
  RULES_VISIT_TYPES,
} from '../routes.ts';
import { NotFoundPage } from './not-found-page.tsx';

const CalendarPage = lazy(() => import('./calendar/calendar-page.tsx').then((module) => module.CalendarPage));
const AvailabilityPage = lazy(() =>
  import('./availability/availability-page.tsx').then((module) => module.AvailabilityPage),
);
const DeskDay = lazy(() => import('./desk/desk-day.tsx').then((module) => module.DeskDay));
const DeskBook = lazy(() => import('./desk/desk-book.tsx').then((module) => module.DeskBook));
const DeskWaitlist = lazy(() => import('./desk/desk-waitlist.tsx').then((module) => module.DeskWaitlist));
const VisitTypesPage = lazy(() => import('./rules/visit-types-page.tsx').then((module) => module.VisitTypesPage));
const LicensesPage = lazy(() => import('./rules/licenses-page.tsx').then((module) => module.LicensesPage));
const PayersPage = lazy(() => import('./rules/payers-page.tsx').then((module) => module.PayersPage));
const AuditPage = lazy(() => import('./compliance/audit-page.tsx').then((module) => module.AuditPage));
const CorrectionsPage = lazy(() =>
  import('./compliance/corrections-page.tsx').then((module) => module.CorrectionsPage),
);
const AgreementsPage = lazy(() => import('./compliance/agreements-page.tsx').then((module) => module.AgreementsPage));
const AccessReviewsPage = lazy(() =>
  import('./compliance/access-reviews-page.tsx').then((module) => module.AccessReviewsPage),
);
const MachinesPage = lazy(() => import('./machines-page.tsx').then((module) => module.MachinesPage));
const AccountPage = lazy(() => import('./account-page.tsx').then((module) => module.AccountPage));
const PrivacyPage = lazy(() => import('./privacy/privacy-page.tsx').then((module) => module.PrivacyPage));
const RecordAccessPage = lazy(() =>
  import('./privacy/record-access-page.tsx').then((module) => module.RecordAccessPage),
);
const RecordCopyPage = lazy(() => import('./privacy/record-copy-page.tsx').then((module) => module.RecordCopyPage));
const OwnCorrectionsPage = lazy(() =>
  import('./privacy/own-corrections-page.tsx').then((module) => module.OwnCorrectionsPage),
);
const OwnProxiesPage = lazy(() =>
  import('./relationships/own-proxies-page.tsx').then((module) => module.OwnProxiesPage),
);
const ProxiesPage = lazy(() => import('./relationships/proxies-page.tsx').then((module) => module.ProxiesPage));
const CareTeamsPage = lazy(() => import('./relationships/care-teams-page.tsx').then((module) => module.CareTeamsPage));
const CoverPage = lazy(() => import('./relationships/cover-page.tsx').then((module) => module.CoverPage));
const HolidaysPage = lazy(() => import('./rules/holidays-page.tsx').then((module) => module.HolidaysPage));
const CompactsPage = lazy(() => import('./rules/compacts-page.tsx').then((module) => module.CompactsPage));
const DailyCapsPage = lazy(() => import('./rules/daily-caps-page.tsx').then((module) => module.DailyCapsPage));
const EmergencyPage = lazy(() => import('./relationships/emergency-page.tsx').then((module) => module.EmergencyPage));
const CalendarLinkPage = lazy(() => import('./calendar-link-page.tsx').then((module) => module.CalendarLinkPage));

/** All pages but those that a patient's thin line waits for: what leads to them is no part of the way to a visit. */
export const FurtherPages = (): JSX.Element => (
  <Router>
    <Route path={CALENDAR_LINK} component={CalendarLinkPage} />
    <Route path={CALENDAR} component={CalendarPage} />
    <Route path={AVAILABILITY} component={AvailabilityPage} />
    <Route path={AVAILABILITY_OF} component={AvailabilityPage} />
    <Route path={DESK} component={DeskDay} />
    <Route path={DESK_BOOK} component={DeskBook} />
    <Route path={DESK_WAITLIST} component={DeskWaitlist} />
    <Route path={RULES_VISIT_TYPES} component={VisitTypesPage} />
    <Route path={RULES_LICENSES} component={LicensesPage} />
    <Route path={RULES_PAYERS} component={PayersPage} />
    <Route path={AUDIT} component={AuditPage} />
    <Route path={CORRECTIONS} component={CorrectionsPage} />
    <Route path={AGREEMENTS} component={AgreementsPage} />
    <Route path={ACCESS_REVIEWS} component={AccessReviewsPage} />
    <Route path={MACHINES} component={MachinesPage} />
    <Route path={ACCOUNT} component={AccountPage} />
    <Route path={PRIVACY} component={PrivacyPage} />
    <Route path={RECORD_ACCESS} component={RecordAccessPage} />
    <Route path={RECORD_COPY} component={RecordCopyPage} />
    <Route path={OWN_CORRECTIONS} component={OwnCorrectionsPage} />
    <Route path={OWN_PROXIES} component={OwnProxiesPage} />
    <Route path={PROXIES} component={ProxiesPage} />
    <Route path={CARE_TEAMS} component={CareTeamsPage} />
    <Route path={COVER} component={CoverPage} />
    <Route path={RULES_HOLIDAYS} component={HolidaysPage} />
    <Route path={RULES_COMPACTS} component={CompactsPage} />
    <Route path={RULES_DAILY_CAPS} component={DailyCapsPage} />
    <Route path={EMERGENCY} component={EmergencyPage} />
    <Route default component={NotFoundPage} />
  </Router>
);
