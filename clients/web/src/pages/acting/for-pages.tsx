import type { JSX } from 'preact';
import { lazy, Route, Router, useLocation, useRoute } from 'preact-iso';
import { useTitle } from '../../hooks/use-title.ts';
import { BOOK, forPath, HOME, MOVE, OFFER } from '../../routes.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { PatientHome } from '../patient-home.tsx';
import { type ActedFor, ActingContext, maySchedule } from './acting.ts';
import { PatientFrame } from './patient-frame.tsx';
import { useActedFor } from './use-acted-for.ts';

const BookPage = lazy(() => import('../book-page.tsx').then((module) => module.BookPage));
const MovePage = lazy(() => import('../move-page.tsx').then((module) => module.MovePage));
const OfferPage = lazy(() => import('../offer-page.tsx').then((module) => module.OfferPage));

/** The pages of a patient as whoever acts for them sees them; nothing of it shows before it is known that they do. */
export const ForPages = (): JSX.Element => {
  const { params } = useRoute();
  const { path } = useLocation();
  const others = useActedFor();
  if (others === undefined || others instanceof Error) {
    return (
      <PatientFrame>
        {others ? <Notice tone="danger">{others.message}</Notice> : <Loading words="One moment…" />}
      </PatientFrame>
    );
  }
  const acting = others.find(({ id }) => id === params.patientId);
  if (acting === undefined) return <ActsNot />;
  if (!maySchedule(acting) && path !== forPath(acting.id)) return <SeesOnly acting={acting} />;
  return (
    // Another patient's pages are other pages: nothing typed or held for one stays for the other.
    <ActingContext.Provider key={acting.id} value={acting}>
      <Router>
        <Route path={HOME} component={PatientHome} />
        <Route path={BOOK} component={BookPage} />
        <Route path={MOVE} component={MovePage} />
        <Route path={OFFER} component={OfferPage} />
        <Route default component={NotFoundPage} />
      </Router>
    </ActingContext.Provider>
  );
};

const ActsNot = (): JSX.Element => {
  useTitle('Not yours to see');
  return (
    <PatientFrame narrow>
      <div class="stack" data-testid="acts-not">
        <h1>You do not act for this person.</h1>
        <p>You may have until a moment ago: it ends on the day that the clinic noted, or when they end it.</p>
        <p>
          <a class="button button--primary" href={HOME}>
            Your own visits
          </a>
        </p>
        <PhoneLine words="The clinic’s phone:" />
      </div>
    </PatientFrame>
  );
};

const SeesOnly = ({ acting }: { acting: ActedFor }): JSX.Element => {
  useTitle('Visits');
  return (
    <PatientFrame narrow>
      <div class="stack" data-testid="sees-only">
        <h1>You may see these visits, and not change them.</h1>
        <p>{acting.displayName} or the clinic can let you book, move and cancel visits too.</p>
        <p>
          <a class="button button--primary" href={forPath(acting.id)}>
            Visits of {acting.displayName}
          </a>
        </p>
        <PhoneLine words="The clinic’s phone:" />
      </div>
    </PatientFrame>
  );
};
