import { isAlarm, isOfTime, type MessageDetail, type NewsKind, type NotificationKind, type TimeKind } from './model.ts';

/** What a message is about, as far as its receiver may be told. */
export interface MessageFacts {
  readonly kind: NotificationKind;
  readonly detail: MessageDetail;
  readonly organization: { readonly name: string; readonly phone: string | undefined };
  /** Absent where it is about no visit. */
  readonly providerName: string | undefined;
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
  'correction-extended': (organization) => `${organization} needs more time for your request`,
  'correction-answered': (organization) => `${organization} has answered your request`,
  'correction-rebutted': (organization) => `${organization} has replied to what you wrote`,
  'emergency-opened': (organization) => `A record was opened in an emergency at ${organization}`,
};

const LEADS: Readonly<Record<TimeKind, (when: string) => string>> = {
  booked: (when) => `Your visit is booked for ${when}.`,
  'reminder-day': (when) => `A reminder: your visit is on ${when}.`,
  'reminder-hour': (when) => `Your visit starts soon: ${when}.`,
  rescheduled: (when) => `Your visit was moved. The new time is ${when}.`,
  cancelled: (when) => `Your visit on ${when} was cancelled.`,
  offer: (when) => `A time has become free: ${when}.`,
};

const NEWS: Readonly<Record<NewsKind, string>> = {
  'correction-extended': 'The answer to your request takes longer than planned.',
  'correction-answered': 'An answer to your request is there.',
  'correction-rebutted': 'A reply to what you wrote is there.',
  'emergency-opened': 'Somebody opened a patient’s record in an emergency.',
};

const NEXT_STEPS: Readonly<Record<NotificationKind, string>> = {
  booked: 'Sign in to see it, move it or cancel it',
  'reminder-day': 'Sign in to see it, move it or cancel it',
  'reminder-hour': 'Sign in a few minutes early to check camera and microphone',
  rescheduled: 'Sign in to see it',
  cancelled: 'Sign in to book another time',
  offer: 'Sign in to accept or decline it',
  'correction-extended': 'Sign in to read why, and when it will be there',
  'correction-answered': 'Sign in to read it',
  'correction-rebutted': 'Sign in to read it',
  'emergency-opened': 'Sign in to see in the trail who it was and what they looked at',
};

/** Where those who keep watch find what they are told of. */
const TRAIL_PATH = '/audit';

const leadOf = ({ kind, startsAt, timeZone, detail, providerName }: MessageFacts): string => {
  if (!isOfTime(kind)) return NEWS[kind];
  const who = detail === 'provider' && providerName !== undefined ? `, with ${oneLine(providerName)}` : '';
  return LEADS[kind](`${moment(startsAt, timeZone)}${who}`);
};

/**
 * The words of a message. It never names the patient, the kind of visit or its reason; with the detail `none` it tells
 * only that there is something to read.
 */
export const messageOf = (facts: MessageFacts): Message => {
  const organization = oneLine(facts.organization.name);
  const url = isAlarm(facts.kind) ? new URL(TRAIL_PATH, facts.siteUrl).href : facts.siteUrl;
  // Who works there knows whom to call.
  const canCall = facts.organization.phone !== undefined && !isAlarm(facts.kind);
  const phone = canCall ? ` or call ${oneLine(facts.organization.phone)}` : '';
  const signature = `\n\n${organization}`;
  if (facts.detail === 'none') {
    return {
      subject: `A message from ${organization}`,
      text: `There is a message for you. Sign in to read it: ${url}${phone}${signature}\n`,
    };
  }
  const until =
    facts.expiresAt === undefined ? '' : ` It is kept for you until ${moment(facts.expiresAt, facts.timeZone)}.`;
  return {
    subject: SUBJECTS[facts.kind](organization),
    text: `${leadOf(facts)}${until}\n\n${NEXT_STEPS[facts.kind]}: ${url}${phone}${signature}\n`,
  };
};
