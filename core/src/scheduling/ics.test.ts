import { AppointmentId } from '@bedside/protocol';
import ical from 'ical.js';
import { describe, expect, it } from 'vitest';
import { type CalendarEvent, makeCalendar } from './ics.ts';

const visit: CalendarEvent = {
  appointmentId: AppointmentId.parse('8f4a2c1e-5b7d-4e3f-9a6b-1c2d3e4f5a6b'),
  version: 3,
  title: 'Video visit',
  isCancelled: false,
  startsAtMs: Date.parse('2026-11-01T05:30:00Z'),
  endsAtMs: Date.parse('2026-11-01T06:00:00Z'),
  changedAtMs: Date.parse('2026-10-20T12:00:00Z'),
  url: 'https://visits.example.org/visit/8f4a2c1e-5b7d-4e3f-9a6b-1c2d3e4f5a6b?from=calendar',
};

// ical.js does not know RFC 7986, whose NAME is a TEXT as SUMMARY is.
ical.design.icalendar.property.name = ical.design.icalendar.property.summary;

/** As somebody else's reader (ical.js) sees it. */
const read = (calendar: string) => {
  const component = new ical.Component(ical.parse(calendar));
  return { component, events: component.getAllSubcomponents('vevent').map((event) => new ical.Event(event)) };
};

describe('calendar', () => {
  it('is read by others as it was meant', () => {
    const { component, events } = read(makeCalendar({ name: 'Visits', events: [visit] }));
    const [event] = events;
    expect(component.getFirstPropertyValue('version')).toBe('2.0');
    expect(event?.uid).toBe(visit.appointmentId);
    expect(event?.summary).toBe('Video visit');
    expect(event?.sequence).toBe(3);
    expect(event?.startDate.toJSDate().getTime()).toBe(visit.startsAtMs);
    expect(event?.endDate.toJSDate().getTime()).toBe(visit.endsAtMs);
    expect(event?.component.getFirstPropertyValue('status')).toBe('CONFIRMED');
    expect(event?.component.getFirstPropertyValue('url')).toBe(visit.url);
    expect(String(event?.component.getFirstPropertyValue('dtstamp'))).toBe('2026-10-20T12:00:00Z');
  });

  it('takes a visit back under the same UID with a higher SEQUENCE', () => {
    const cancelled = { ...visit, isCancelled: true, version: 4 };
    const [event] = read(makeCalendar({ name: 'Visits', events: [cancelled] })).events;
    expect(event?.uid).toBe(visit.appointmentId);
    expect(event?.sequence).toBe(4);
    expect(event?.component.getFirstPropertyValue('status')).toBe('CANCELLED');
  });

  it.each([
    ['separators', 'Dr. A; B, C \\ D'],
    ['a line break', 'one\ntwo'],
    ['two octets a character, over 75', 'é'.repeat(120)],
    ['four octets a character, over 75', '🩺'.repeat(60)],
    ['one octet a character, over 150', 'x'.repeat(300)],
    ['just 75 octets', 'x'.repeat(70)],
    ['just 76 octets', 'x'.repeat(71)],
    ['something that looks like a line of its own', 'x\r\nBEGIN:VEVENT'],
  ])('carries a name with %s whole, in lines of at most 75 octets', (_, name) => {
    const calendar = makeCalendar({ name, events: [visit] });
    for (const line of calendar.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    const { component, events } = read(calendar);
    expect(component.getFirstPropertyValue('name')).toBe(name.replace('\r\n', '\n'));
    expect(events).toHaveLength(1);
  });

  it('escapes what separates', () => {
    expect(makeCalendar({ name: 'A; B, C \\ D', events: [] })).toContain('\r\nNAME:A\\; B\\, C \\\\ D\r\n');
  });

  it('gives the same bytes whenever it is asked', () => {
    const calendar = makeCalendar({ name: 'Visits', events: [visit] });
    expect(makeCalendar({ name: 'Visits', events: [visit] })).toBe(calendar);
    expect(calendar.endsWith('END:VCALENDAR\r\n')).toBe(true);
  });
});
