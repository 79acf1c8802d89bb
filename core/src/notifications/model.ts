import { backoffMs, type DataCategory } from '@bedside/protocol';

/** Kinds that say that there is something to read. */
const NEWS_KINDS = ['correction-extended', 'correction-answered', 'correction-rebutted', 'emergency-opened'] as const;
export type NewsKind = (typeof NEWS_KINDS)[number];

export const NOTIFICATION_KINDS = [
  'booked',
  'reminder-day',
  'reminder-hour',
  'rescheduled',
  'cancelled',
  'offer',
  ...NEWS_KINDS,
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Kinds that tell of a time. */
export type TimeKind = Exclude<NotificationKind, NewsKind>;
export const isOfTime = (kind: NotificationKind): kind is TimeKind => !NEWS_KINDS.some((news) => news === kind);

/** Whether it goes to those who keep watch instead of to the patient: it tells nothing of any. */
export const isAlarm = (kind: NotificationKind): boolean => kind === 'emergency-opened';
export type Channel = 'email' | 'sms';

/** What an organization lets a message tell: that there is one, the time, or the provider's name too. */
export type MessageDetail = 'none' | 'time' | 'provider';

/** What of a patient's a message of a time tells: that they are a patient here always, more as it is allowed. */
const CATEGORIES: Readonly<Record<MessageDetail, readonly DataCategory[]>> = {
  none: ['contact'],
  time: ['contact', 'appointment-time'],
  provider: ['contact', 'appointment-time', 'provider-name'],
};

/** What of a patient's a message tells whoever carries it. */
export const categoriesOf = (kind: NotificationKind, detail: MessageDetail): readonly DataCategory[] =>
  isAlarm(kind) ? [] : CATEGORIES[isOfTime(kind) ? detail : 'none'];

const HOUR_MS = 60 * 60_000;
/** Whoever has not been reached by then has been told by others. */
const NEWS_LIFE_MS = 7 * 24 * HOUR_MS;

/** How long before the visit each reminder is due. */
export const REMINDER_LEAD_MS = { 'reminder-day': 24 * HOUR_MS, 'reminder-hour': HOUR_MS } as const;

/** After so many tries a message is given up; with the waits below that is about five hours. */
export const MAX_ATTEMPTS = 10;
/** Whoever took a message and died before it was marked has it taken from them after this; it may then go out twice. */
export const LEASE_MS = 120_000;

export const retryDelayMs = (attempts: number, random: () => number): number =>
  backoffMs({ attempt: attempts - 1, baseMs: 30_000, maxMs: HOUR_MS, random });

/** Until when a message is still of use; later it is dropped instead of sent. `startsAt`: of the visit, or of the news. */
export const usefulUntil = (
  kind: NotificationKind,
  about: { readonly startsAt: Date; readonly endsAt: Date; readonly expiresAt: Date | undefined },
): Date => {
  switch (kind) {
    case 'reminder-day':
      return new Date(about.startsAt.getTime() - REMINDER_LEAD_MS['reminder-hour']);
    case 'booked':
    case 'rescheduled':
    case 'reminder-hour':
      return about.startsAt;
    case 'cancelled':
      return about.endsAt;
    case 'offer':
      return about.expiresAt ?? about.startsAt;
    case 'correction-extended':
    case 'correction-answered':
    case 'correction-rebutted':
    case 'emergency-opened':
      return new Date(about.startsAt.getTime() + NEWS_LIFE_MS);
    default:
      return kind satisfies never;
  }
};

/** An address or a number as somebody typed it, as far as it has to be right for a message to be handed over. */
export const isDeliverable = (channel: Channel, value: string): boolean =>
  channel === 'email' ? /^[^\s@<>",;:\\()[\]]+@[^\s@<>",;:\\()[\]]+$/.test(value) : /^\+[1-9]\d{6,14}$/.test(value);
