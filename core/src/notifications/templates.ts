import type { MessageDetail, NotificationKind } from './model.ts';

/** What a message is about, as far as its receiver may be told. */
export interface MessageFacts {
  readonly kind: NotificationKind;
  readonly detail: MessageDetail;
  readonly organization: { readonly name: string; readonly phone: string | undefined };
  readonly providerName: string;
  readonly startsAt: Date;
  /** Of an offer: until when it stands. */
  readonly expiresAt: Date | undefined;
  /** The receiver's own zone. */
  readonly timeZone: string;
  /** The site's front page: an address that tells nothing by itself. */
  readonly siteUrl: string;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
}

const LOCALE = 'en-US';

/** One line of printable text: what stands in a subject line must not end it (RFC 5322 §2.2). */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

const zoneName = (at: Date, timeZone: string): string => {
  const parts = new Intl.DateTimeFormat(LOCALE, { timeZone, timeZoneName: 'long' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value;
  return name === undefined ? timeZone : `${name}, ${timeZone}`;
};

/** "Monday, March 2, 2026 at 10:00 AM (Central European Standard Time, Europe/Berlin)" */
const moment = (at: Date, timeZone: string): string => {
  const text = new Intl.DateTimeFormat(LOCALE, {
    timeZone,
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
  return `${text.replaceAll('\u202f', ' ')} (${zoneName(at, timeZone)})`;
};

const SUBJECTS: Readonly<Record<NotificationKind, (organization: string) => string>> = {
  booked: (organization) => `Your visit with ${organization} is booked`,
  'reminder-day': (organization) => `A reminder of your visit with ${organization}`,
  'reminder-hour': (organization) => `Your visit with ${organization} starts soon`,
  rescheduled: (organization) => `Your visit with ${organization} was moved`,
  cancelled: (organization) => `Your visit with ${organization} was cancelled`,
  offer: (organization) => `${organization} can offer you an earlier time`,
};

const LEADS: Readonly<Record<NotificationKind, (when: string) => string>> = {
  booked: (when) => `Your visit is booked for ${when}.`,
  'reminder-day': (when) => `A reminder: your visit is on ${when}.`,
  'reminder-hour': (when) => `Your visit starts soon: ${when}.`,
  rescheduled: (when) => `Your visit was moved. The new time is ${when}.`,
  cancelled: (when) => `Your visit on ${when} was cancelled.`,
  offer: (when) => `A time has become free: ${when}.`,
};

const NEXT_STEPS: Readonly<Record<NotificationKind, string>> = {
  booked: 'Sign in to see it, move it or cancel it',
  'reminder-day': 'Sign in to see it, move it or cancel it',
  'reminder-hour': 'Sign in a few minutes early to check camera and microphone',
  rescheduled: 'Sign in to see it',
  cancelled: 'Sign in to book another time',
  offer: 'Sign in to accept or decline it',
};

/**
 * The words of a message. It never names the patient, the kind of visit or its reason; with the detail `none` it tells
 * only that there is something to read.
 */
export const messageOf = (facts: MessageFacts): Message => {
  const organization = oneLine(facts.organization.name);
  const phone = facts.organization.phone === undefined ? '' : ` or call ${oneLine(facts.organization.phone)}`;
  const signature = `\n\n${organization}`;
  if (facts.detail === 'none') {
    return {
      subject: `A message from ${organization}`,
      text: `There is a message for you. Sign in to read it: ${facts.siteUrl}${phone}${signature}\n`,
    };
  }
  const who = facts.detail === 'provider' ? `, with ${oneLine(facts.providerName)}` : '';
  const until =
    facts.expiresAt === undefined ? '' : ` It is kept for you until ${moment(facts.expiresAt, facts.timeZone)}.`;
  return {
    subject: SUBJECTS[facts.kind](organization),
    text: `${LEADS[facts.kind](`${moment(facts.startsAt, facts.timeZone)}${who}`)}${until}\n\n${NEXT_STEPS[facts.kind]}: ${facts.siteUrl}${phone}${signature}\n`,
  };
};
