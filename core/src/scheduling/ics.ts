import type { AppointmentId } from '@bedside/protocol';

// A calendar of RFC 5545, written here rather than by a library: `ics` brings a schema validator and an id generator for
// what are twelve lines of text, `ical-generator` describes far more than is ever said here.

/** All that a calendar outside Bedside may say of a visit. Nobody's name fits in. */
export type CalendarTitle = 'Visit' | 'Video visit' | 'Audio visit' | 'Chat visit';

/** One appointment as a calendar shows it. Instants in milliseconds. */
export interface CalendarEvent {
  /** The event's UID: the same event in every calendar and every version. */
  readonly appointmentId: AppointmentId;
  /** SEQUENCE. Rises with every change, from 0 or 1. */
  readonly version: number;
  readonly title: CalendarTitle;
  readonly isCancelled: boolean;
  readonly startsAtMs: number;
  /** Later than the start. */
  readonly endsAtMs: number;
  readonly changedAtMs: number;
  /** Where to enter it; asks for signing in. */
  readonly url: string | undefined;
}

const LINE_OCTETS = 75;
const encoder = new TextEncoder();

/** §3.3.5 form 2: `20261101T053000Z`. */
const utc = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** §3.3.11. Other control characters have no place in a TEXT (§3.1) and are left out. */
const text = (value: string): string =>
  value
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll(/\r\n|\r|\n/g, '\\n')
    .replaceAll(/\p{Cc}/gu, '');

/** §3.1: at most 75 octets a line; what follows begins with a space. Characters stay whole. */
const fold = (line: string): string => {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > LINE_OCTETS) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return `${folded}\r\n`;
};

/** Without METHOD, DTSTAMP is when the event was last changed (§3.8.7.2). */
const eventLines = (event: CalendarEvent): string[] => [
  'BEGIN:VEVENT',
  `UID:${event.appointmentId}`,
  `DTSTAMP:${utc(event.changedAtMs)}`,
  `LAST-MODIFIED:${utc(event.changedAtMs)}`,
  `SEQUENCE:${event.version}`,
  `DTSTART:${utc(event.startsAtMs)}`,
  `DTEND:${utc(event.endsAtMs)}`,
  `SUMMARY:${text(event.title)}`,
  `STATUS:${event.isCancelled ? 'CANCELLED' : 'CONFIRMED'}`,
  `TRANSP:${event.isCancelled ? 'TRANSPARENT' : 'OPAQUE'}`,
  'CLASS:PRIVATE',
  // A URI is no TEXT: it is not escaped, so what would end its line must not be in it.
  ...(event.url === undefined ? [] : [`URL:${new URL(event.url).href}`]),
  'END:VEVENT',
];

/**
 * A calendar as `text/calendar; charset=utf-8` (RFC 5545, RFC 7986), lines ended by CRLF. The same events in the same
 * order give the same bytes, whenever they are asked for. `name` is what the reader's calendar list shows.
 */
export const makeCalendar = (options: { readonly name: string; readonly events: readonly CalendarEvent[] }): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Bedside//Bedside//EN',
    'CALSCALE:GREGORIAN',
    `NAME:${text(options.name)}`,
    `X-WR-CALNAME:${text(options.name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    ...options.events.flatMap(eventLines),
    'END:VCALENDAR',
  ]
    .map(fold)
    .join('');
