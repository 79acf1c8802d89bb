/** Prints what many rules open in many zones and which starts they offer, for whoever compares processes. */
import { createHash } from 'node:crypto';
import { AppointmentId, VisitTypeId } from '@bedside/protocol';
import { type AvailabilityRule, openingsOf } from '../../src/scheduling/availability.ts';
import { makeCalendar } from '../../src/scheduling/ics.ts';
import { slotStarts } from '../../src/scheduling/openings-starts.ts';
import { parseRecurrence } from '../../src/scheduling/recurrence.ts';
import { dayOf, startOfDay } from '../../src/scheduling/wall-clock.ts';
import { sampleRules } from './oracle-rules.ts';

const SEED = 20_261_122;
const ZONES = ['America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kolkata', 'Pacific/Kiritimati'];
const DAY_MS = 86_400_000;
const visitTypeId = VisitTypeId.parse('00000000-0000-4000-8000-00000000000a');
const appointmentId = AppointmentId.parse('00000000-0000-4000-8000-00000000000b');
const visitType = {
  id: visitTypeId,
  durationMinutes: 25,
  bufferBeforeMinutes: 5,
  bufferAfterMinutes: 0,
  stepMinutes: null,
};

const rules = sampleRules({ seed: SEED, count: 60 }).map(
  ({ rrule, startsOnDay }, index): AvailabilityRule => ({
    kind: index % 4 === 0 ? 'block' : 'open',
    startsOnDay,
    startsMinute: (index * 97) % 1_440,
    endsMinute: ((index * 97) % 1_440) + 180,
    recurrence: parseRecurrence(rrule, startsOnDay),
    exDays: [],
    rDays: [],
    effectiveFromDay: undefined,
    effectiveToDay: undefined,
    visitTypeIds: [],
    worksOnHolidays: true,
  }),
);

const answers = ZONES.map((timeZone) => {
  const fromDay = dayOf(Date.parse('2036-03-01T00:00:00Z'), timeZone);
  const days = openingsOf({ rules, timeOff: [], holidays: new Set(), timeZone, fromDay, toDay: fromDay + 300 });
  const starts = days.flatMap(({ openings }) =>
    slotStarts({ openings, visitType, busy: [], notBeforeMs: 0, notAfterMs: Number.MAX_SAFE_INTEGER }),
  );
  const calendar = makeCalendar({
    name: 'Visits',
    events: starts.slice(0, 50).map((startsAtMs) => ({
      appointmentId,
      version: 1,
      title: 'Visit',
      isCancelled: false,
      startsAtMs,
      endsAtMs: startsAtMs + DAY_MS,
      changedAtMs: startOfDay(fromDay, timeZone),
      url: undefined,
    })),
  });
  return { days, starts, calendar };
});

const digest = createHash('sha256').update(JSON.stringify(answers)).digest('hex');
const starts = answers.reduce((sum, answer) => sum + answer.starts.length, 0);
// The second reading of the clock shows that the process has the zone it was given.
process.stdout.write(JSON.stringify({ digest, starts, hour: new Date(0).getHours() }));
