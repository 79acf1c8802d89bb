import type { Appointment } from '@bedside/protocol';

/**
 * One visit as a calendar file (RFC 5545). Pure. It tells when, and nothing of whom or why; its UID is that of the
 * calendar feed, so that a calendar that has both shows one visit.
 */

const stamp = (instant: string): string => instant.replace(/[-:]|\.\d+/g, '');

const escapeText = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

const FOLD_OCTETS = 75;

/** Lines are at most 75 octets; a longer one goes on after a line break and a space (§3.1). */
const fold = (line: string): string => {
  const lines: string[] = [];
  let current = '';
  let octets = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (octets + size > FOLD_OCTETS) {
      lines.push(current);
      current = ' ';
      octets = 1;
    }
    current += character;
    octets += size;
  }
  return [...lines, current].join('\r\n');
};

const TITLES: Record<Appointment['visitType']['modality'], string> = {
  video: 'Video visit',
  audio: 'Audio visit',
  chat: 'Chat visit',
};

type CalendarVisit = Pick<Appointment, 'id' | 'version' | 'startsAt' | 'endsAt'> & {
  visitType: Pick<Appointment['visitType'], 'modality'>;
};

/** `homeUrl`: where the visit is joined from. `madeAt`: RFC 3339. */
export const visitAsIcs = (visit: CalendarVisit, page: { homeUrl: string; madeAt: string }): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Bedside//Visits//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${visit.id}`,
    `DTSTAMP:${stamp(page.madeAt)}`,
    `SEQUENCE:${visit.version}`,
    `DTSTART:${stamp(visit.startsAt)}`,
    `DTEND:${stamp(visit.endsAt)}`,
    `SUMMARY:${TITLES[visit.visitType.modality]}`,
    `DESCRIPTION:${escapeText(`Join it from ${page.homeUrl}`)}`,
    `URL:${page.homeUrl}`,
    'CLASS:PRIVATE',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${TITLES[visit.visitType.modality]}`,
    'TRIGGER:-PT15M',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]
    .map(fold)
    .join('\r\n');
