import type { JSX } from 'preact';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { UnreachablePage } from './pages/unreachable-page.tsx';
import { BOOK, CALENDAR, HOME, MOVE, OFFER, VISIT } from './routes.ts';
import { me, meError } from './session.ts';
import { Frame } from './ui/frame.tsx';
import { Loading } from './ui/notice.tsx';

const HomePage = lazy(() => import('./pages/home-page.tsx').then((module) => module.HomePage));
const BookPage = lazy(() => import('./pages/book-page.tsx').then((module) => module.BookPage));
const MovePage = lazy(() => import('./pages/move-page.tsx').then((module) => module.MovePage));
const OfferPage = lazy(() => import('./pages/offer-page.tsx').then((module) => module.OfferPage));
const CalendarPage = lazy(() => import('./pages/calendar-page.tsx').then((module) => module.CalendarPage));
const VisitPage = lazy(() => import('./pages/visit/visit-page.tsx').then((module) => module.VisitPage));

// The code of the page that is asked for comes while core is asked who this is.
if (location.pathname.startsWith('/visit/')) void VisitPage.preload();
else if (location.pathname === HOME) void HomePage.preload();

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
          <Route path={HOME} component={HomePage} />
          <Route path={BOOK} component={BookPage} />
          <Route path={MOVE} component={MovePage} />
          <Route path={OFFER} component={OfferPage} />
          <Route path={CALENDAR} component={CalendarPage} />
          <Route path={VISIT} component={VisitPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </ErrorBoundary>
    </LocationProvider>
  );
};
