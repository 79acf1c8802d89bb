import type { AccountRole } from '@bedside/protocol';
import type { JSX } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { SignInPage } from './pages/sign-in-page.tsx';
import { UnreachablePage } from './pages/unreachable-page.tsx';
import { BOOK, FOR_HOME, FOR_PAGES, HOME, MOVE, OFFER, VISIT } from './routes.ts';
import { me, meError } from './session.ts';
import { stepUpAsked } from './step-up.ts';
import { Frame } from './ui/frame.tsx';
import { Loading } from './ui/notice.tsx';

const PatientHome = lazy(() => import('./pages/patient-home.tsx').then((module) => module.PatientHome));
const ProviderDay = lazy(() => import('./pages/provider-day.tsx').then((module) => module.ProviderDay));
const DeskDay = lazy(() => import('./pages/desk/desk-day.tsx').then((module) => module.DeskDay));
const AuditPage = lazy(() => import('./pages/compliance/audit-page.tsx').then((module) => module.AuditPage));
const FurtherPages = lazy(() => import('./pages/further-pages.tsx').then((module) => module.FurtherPages));
const StepUpDialog = lazy(() => import('./ui/step-up-dialog.tsx').then((module) => module.StepUpDialog));
const BookPage = lazy(() => import('./pages/book-page.tsx').then((module) => module.BookPage));
const MovePage = lazy(() => import('./pages/move-page.tsx').then((module) => module.MovePage));
const OfferPage = lazy(() => import('./pages/offer-page.tsx').then((module) => module.OfferPage));
const ForPages = lazy(() => import('./pages/acting/for-pages.tsx').then((module) => module.ForPages));
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
          <Route path={VISIT} component={VisitPage} />
          <Route path="/*" component={FurtherPages} />
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
