import type { Appointment } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CALENDAR_LINK, HOME } from '../../routes.ts';
import { me } from '../../session.ts';
import { changeWords, namesOf } from '../../text/booking.ts';
import { visitAsIcs } from '../../text/ics.ts';
import { Icon } from '../../ui/icons.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { When } from '../../ui/when.tsx';
import { useActing, usePatientPaths } from '../acting/acting.ts';

/** It is settled: what and when; what follows from it stands below. */
export const BookedFrame = (props: {
  visit: Appointment;
  title: string;
  zone: string;
  now: number;
  /** Further lines of the card. */
  more?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element => {
  const { visit, zone, now } = props;
  const others = visit.additional.map(({ displayName }) => displayName);
  return (
    <div class="stack booked" data-testid="booked">
      <h1>
        <span class="booked__mark">
          <Icon name="check" />
        </span>
        {props.title}
      </h1>
      <section class="card" aria-label="The visit">
        <When startsAt={visit.startsAt} endsAt={visit.endsAt} zone={zone} provider={visit.provider} now={now} />
        <p class="held__what">
          {visit.visitType.name} with {namesOf([visit.provider.displayName, ...others])}
        </p>
        {props.more}
      </section>
      {props.children}
    </div>
  );
};

/** How to keep it in mind, and until when it can be changed. */
export const Booked = ({ visit, title }: { visit: Appointment; title: string }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const now = Date.now();
  const acting = useActing();
  const { home } = usePatientPaths();
  const changes = changeWords(visit, now, zone);
  return (
    <BookedFrame visit={visit} title={title} zone={zone} now={now}>
      <p>
        {acting
          ? `On the day, ${acting.displayName} finds the way in on their own home page.`
          : 'On the day, the way in is on your home page.'}{' '}
        There is nothing to install.
      </p>
      <div class="row">
        <IcsLink visit={visit} />
        {!acting && (
          <a class="button button--quiet" href={CALENDAR_LINK}>
            Keep my calendar up to date
          </a>
        )}
      </div>
      <p class="soft" data-testid="change-policy">
        {changes.words}
      </p>
      {changes.mustCall && <PhoneLine words="The clinic’s phone:" />}
      <p>
        <a class="button button--primary" href={home} data-testid="booked-home">
          {acting ? `Visits of ${acting.displayName}` : 'Your visits'}
        </a>
      </p>
    </BookedFrame>
  );
};

/** The visit as a file for a calendar, made here of what the page knows. */
const IcsLink = ({ visit }: { visit: Appointment }): JSX.Element => {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const ics = visitAsIcs(visit, { homeUrl: `${location.origin}${HOME}`, madeAt: new Date().toISOString() });
    const made = URL.createObjectURL(new Blob([ics], { type: 'text/calendar' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [visit]);
  return (
    <a class="button button--secondary" {...(url && { href: url })} download="visit.ics" data-testid="add-to-calendar">
      <Icon name="calendar" /> Add to calendar
    </a>
  );
};
