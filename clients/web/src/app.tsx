import type { AccountRole } from '@bedside/protocol';
import type { JSX } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { UnreachablePage } from './pages/unreachable-page.tsx';
import {
  ACCESS_REVIEWS,
  ACCOUNT,
  AGREEMENTS,
  AUDIT,
  AVAILABILITY,
  AVAILABILITY_OF,
  BOOK,
  CALENDAR,
  CALENDAR_LINK,
  CORRECTIONS,
  DESK,
  DESK_BOOK,
  DESK_WAITLIST,
  EMERGENCY,
  FOR_HOME,
  FOR_PAGES,
  HOME,
  MACHINES,
  MOVE,
  OFFER,
  OWN_CORRECTIONS,
  OWN_PROXIES,
  PRIVACY,
  PROXIES,
  RECORD_ACCESS,
  RECORD_COPY,
  RULES_LICENSES,
  RULES_PAYERS,
  RULES_VISIT_TYPES,
  VISIT,
} from './routes.ts';
import { me, meError } from './session.ts';
import { stepUpAsked } from './step-up.ts';
import { Frame } from './ui/frame.tsx';
import { Loading } from './ui/notice.tsx';

const PatientHome = lazy(() => import('./pages/patient-home.tsx').then((module) => module.PatientHome));
const ProviderDay = lazy(() => import('./pages/provider-day.tsx').then((module) => module.ProviderDay));
const CalendarPage = lazy(() => import('./pages/calendar/calendar-page.tsx').then((module) => module.CalendarPage));
const AvailabilityPage = lazy(() =>
  import('./pages/availability/availability-page.tsx').then((module) => module.AvailabilityPage),
);
const DeskDay = lazy(() => import('./pages/desk/desk-day.tsx').then((module) => module.DeskDay));
const DeskBook = lazy(() => import('./pages/desk/desk-book.tsx').then((module) => module.DeskBook));
const DeskWaitlist = lazy(() => import('./pages/desk/desk-waitlist.tsx').then((module) => module.DeskWaitlist));
const VisitTypesPage = lazy(() => import('./pages/rules/visit-types-page.tsx').then((module) => module.VisitTypesPage));
const LicensesPage = lazy(() => import('./pages/rules/licenses-page.tsx').then((module) => module.LicensesPage));
const PayersPage = lazy(() => import('./pages/rules/payers-page.tsx').then((module) => module.PayersPage));
const AuditPage = lazy(() => import('./pages/compliance/audit-page.tsx').then((module) => module.AuditPage));
const CorrectionsPage = lazy(() =>
  import('./pages/compliance/corrections-page.tsx').then((module) => module.CorrectionsPage),
);
const AgreementsPage = lazy(() =>
  import('./pages/compliance/agreements-page.tsx').then((module) => module.AgreementsPage),
);
const AccessReviewsPage = lazy(() =>
  import('./pages/compliance/access-reviews-page.tsx').then((module) => module.AccessReviewsPage),
);
const MachinesPage = lazy(() => import('./pages/machines-page.tsx').then((module) => module.MachinesPage));
const AccountPage = lazy(() => import('./pages/account-page.tsx').then((module) => module.AccountPage));
const PrivacyPage = lazy(() => import('./pages/privacy/privacy-page.tsx').then((module) => module.PrivacyPage));
const RecordAccessPage = lazy(() =>
  import('./pages/privacy/record-access-page.tsx').then((module) => module.RecordAccessPage),
);
const RecordCopyPage = lazy(() =>
  import('./pages/privacy/record-copy-page.tsx').then((module) => module.RecordCopyPage),
);
const OwnCorrectionsPage = lazy(() =>
  import('./pages/privacy/own-corrections-page.tsx').then((module) => module.OwnCorrectionsPage),
);
const OwnProxiesPage = lazy(() =>
  import('./pages/relationships/own-proxies-page.tsx').then((module) => module.OwnProxiesPage),
);
const ProxiesPage = lazy(() => import('./pages/relationships/proxies-page.tsx').then((module) => module.ProxiesPage));
const EmergencyPage = lazy(() =>
  import('./pages/relationships/emergency-page.tsx').then((module) => module.EmergencyPage),
);
const StepUpDialog = lazy(() => import('./ui/step-up-dialog.tsx').then((module) => module.StepUpDialog));
const BookPage = lazy(() => import('./pages/book-page.tsx').then((module) => module.BookPage));
const MovePage = lazy(() => import('./pages/move-page.tsx').then((module) => module.MovePage));
const OfferPage = lazy(() => import('./pages/offer-page.tsx').then((module) => module.OfferPage));
const ForPages = lazy(() => import('./pages/acting/for-pages.tsx').then((module) => module.ForPages));
const CalendarLinkPage = lazy(() => import('./pages/calendar-link-page.tsx').then((module) => module.CalendarLinkPage));
const VisitPage = lazy(() => import('./pages/visit/visit-page.tsx').then((module) => module.VisitPage));

// The code of the page that is asked for comes while core is asked who this is.
if (location.pathname.startsWith('/visit/')) void VisitPage.preload();
// Nobody waits for a page more than a patient with a thin line.
else if (location.pathname === HOME) void PatientHome.preload();

/** The first page of whoever is signed in. */
const homeOf = (roles: readonly AccountRole[]): typeof PatientHome => {
  if (roles.includes('provider')) return ProviderDay;
  if (roles.some((role) => role === 'front-desk' || role === 'admin')) return DeskDay;
  return roles.includes('compliance') ? AuditPage : PatientHome;
};

export const App = (): JSX.Element => {
  if (meError.value) return <UnreachablePage error={meError.value} />;
  if (me.value === undefined) {
    return (
      <Frame narrow>
        <Loading words="One moment…" />
      </Frame>
    );
  }
  if (me.value === null) return <SignInPage />;
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Router>
          <Route path={HOME} component={homeOf(me.value.roles)} />
          <Route path={BOOK} component={BookPage} />
          <Route path={MOVE} component={MovePage} />
          <Route path={OFFER} component={OfferPage} />
          <Route path={FOR_HOME} component={ForPages} />
          <Route path={FOR_PAGES} component={ForPages} />
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
          <Route path={EMERGENCY} component={EmergencyPage} />
          <Route path={VISIT} component={VisitPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </ErrorBoundary>
      {stepUpAsked.value && (
        <ErrorBoundary>
          <StepUpDialog />
        </ErrorBoundary>
      )}
    </LocationProvider>
  );
};
