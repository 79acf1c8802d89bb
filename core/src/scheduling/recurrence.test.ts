import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrenceDays, parseRecurrence } from './recurrence.ts';
import { readRecurrence } from './recurrence-grammar.ts';

const DAY_MS = 86_400_000;
const dayOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);

const dates = (text: string, options: { startsOn: string; from: string; to: string }) =>
  occurrenceDays({
    recurrence: readRecurrence(text),
    startsOnDay: dayOf(options.startsOn),
    fromDay: dayOf(options.from),
    toDay: dayOf(options.to),
  }).map(dateOf);

const problemOf = (text: string, startsOn = '2026-11-22') => {
  try {
    parseRecurrence(text, dayOf(startsOn));
  } catch (error) {
    return error;
  }
  throw new Error('The rule was taken.');
};

describe('a rule', () => {
  const year2026 = { startsOn: '2026-01-31', from: '2026-01-01', to: '2026-07-31' };

  it.each([
    ['FREQ=MONTHLY', ['2026-01-31', '2026-03-31', '2026-05-31', '2026-07-31']],
    ['FREQ=MONTHLY;BYDAY=-1FR', ['2026-02-27', '2026-03-27', '2026-04-24', '2026-05-29', '2026-06-26', '2026-07-31']],
    ['FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['2026-03-31', '2026-05-29', '2026-07-31']],
    ['FREQ=YEARLY;BYMONTH=3,5', ['2026-03-31', '2026-05-31']],
    ['FREQ=YEARLY', ['2026-01-31']],
    ['FREQ=WEEKLY;UNTIL=20260214', ['2026-01-31', '2026-02-07', '2026-02-14']],
    ['FREQ=DAILY;INTERVAL=3;COUNT=3', ['2026-01-31', '2026-02-03', '2026-02-06']],
    ['rrule:freq=weekly;byday=su;count=2', ['2026-02-01', '2026-02-08']],
  ])('%s happens on its days', (text, expected) => {
    expect(dates(text, year2026)).toEqual(expected);
  });

  it('happens on its first day only if it says so', () => {
    expect(dates('FREQ=WEEKLY;BYDAY=MO', { startsOn: '2026-11-18', from: '2026-11-01', to: '2026-11-30' })).toEqual([
      '2026-11-23',
      '2026-11-30',
    ]);
  });

  it('picks by BYSETPOS from the whole of a period, and nothing where there is nothing', () => {
    const november = { startsOn: '2026-11-01', from: '2026-11-01', to: '2026-11-30' };
    expect(dates('FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-4', november)).toEqual([]);
    expect(dates('FREQ=MONTHLY;BYDAY=WE;BYSETPOS=-1;UNTIL=20261124', november)).toEqual([]);
    const midweek = { ...november, startsOn: '2026-11-18', to: '2026-11-25' };
    expect(dates('FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2', midweek)).toEqual(['2026-11-18', '2026-11-25']);
  });

  it('counts weeks from WKST: the example of RFC 5545 §3.3.10', () => {
    const august = { startsOn: '1997-08-05', from: '1997-08-01', to: '1997-08-31' };
    expect(dates('FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', august)).toEqual([
      '1997-08-05',
      '1997-08-10',
      '1997-08-19',
      '1997-08-24',
    ]);
    expect(dates('FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', august)).toEqual([
      '1997-08-05',
      '1997-08-17',
      '1997-08-19',
      '1997-08-31',
    ]);
  });

  it('counts COUNT from its first day, whatever span is asked for', () => {
    const asked = { startsOn: '2026-01-01', from: '2026-04-01', to: '2026-04-30' };
    expect(dates('FREQ=DAILY;COUNT=100', asked).at(-1)).toBe('2026-04-10');
    expect(dates('FREQ=DAILY;COUNT=90', asked)).toEqual([]);
  });

  it('has the same days in a part of a span as in the whole (seeded)', () => {
    const parts = fc.constantFrom(
      'FREQ=DAILY;INTERVAL=3',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU',
      'FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,WE,FR;BYSETPOS=2',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,-4',
      'FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,31',
      'FREQ=MONTHLY;BYDAY=2TU,-1FR',
      'FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO,SU',
      'FREQ=YEARLY;BYYEARDAY=1,-1',
      'FREQ=MONTHLY;COUNT=40;BYDAY=1MO',
      'FREQ=DAILY;COUNT=400',
    );
    fc.assert(
      fc.property(parts, fc.nat(4_000), fc.nat(4_000), fc.nat(60), (text, start, offset, length) => {
        const recurrence = readRecurrence(text);
        const startsOnDay = dayOf('2020-01-01') + start;
        const fromDay = startsOnDay + offset - 50;
        const toDay = fromDay + length;
        const whole = occurrenceDays({ recurrence, startsOnDay, fromDay: startsOnDay, toDay: toDay + 400 });
        const part = occurrenceDays({ recurrence, startsOnDay, fromDay, toDay });
        expect(part).toEqual(whole.filter((day) => day >= fromDay && day <= toDay));
      }),
      { seed: 20_261_122, numRuns: 120 },
    );
  });
});

describe('a rule that cannot be taken', () => {
  it.each([
    ['', 'FREQ'],
    ['FREQ=SECONDLY', 'FREQ'],
    ['FREQ=MINUTELY;INTERVAL=5', 'FREQ'],
    ['FREQ=HOURLY', 'FREQ'],
    ['BYDAY=MO', 'FREQ'],
    ['FREQ=WEEKLY;FREQ=DAILY', 'FREQ'],
    ['FREQ=DAILY;BYHOUR=9', 'BYHOUR'],
    ['FREQ=DAILY;BYMINUTE=9', 'BYMINUTE'],
    ['FREQ=DAILY;BYSECOND=9', 'BYSECOND'],
    ['DTSTART=20260101;FREQ=DAILY', 'DTSTART'],
    ['FREQ=DAILY;TZID=Europe/Berlin', 'TZID'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101', 'COUNT'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=1e9', 'COUNT'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=99999999999999999999', 'INTERVAL'],
    ['FREQ=DAILY;UNTIL=20271301', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20270229', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20271231T235959Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260101', 'UNTIL'],
    ['FREQ=DAILY;BYMONTH=13', 'BYMONTH'],
    ['FREQ=DAILY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,,2', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,1', 'BYMONTHDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYWEEKNO=1', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'BYDAY'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=1MO,TU', 'BYDAY'],
    ['FREQ=WEEKLY;BYDAY=MO,MO', 'BYDAY'],
    ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY'],
    ['FREQ=WEEKLY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=WEEKLY;BYDAY=MO;BYSETPOS=367', 'BYSETPOS'],
    ['FREQ=WEEKLY;WKST=1', 'WKST'],
    ['FREQ=WEEKLY;X-OURS=1', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY;__PROTO__=1', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY;', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY\nEXDATE:20260101', 'FREQ'],
    [`FREQ=DAILY;BYMONTHDAY=${'1,'.repeat(300)}1`, '500'],
  ])('%s is refused, naming %s', (text, word) => {
    const problem = problemOf(text);
    expect(problem).toMatchObject({ code: 'bad_request', detail: expect.stringMatching(/^rrule: .+\.$/) });
    expect(problem).toMatchObject({ detail: expect.stringContaining(word) });
  });

  // Each holds rrule alone for a tenth of a second up to ten seconds.
  it.each([
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=3',
    'FREQ=DAILY;BYDAY=MO;BYSETPOS=2',
    'FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1',
    'FREQ=YEARLY;BYYEARDAY=200;BYMONTH=1',
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=DAILY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=YEARLY;INTERVAL=25;BYMONTH=1;BYMONTHDAY=1',
  ])('%s, which never happens or not for long, is found out at once', (text) => {
    const began = process.cpuUsage();
    expect(problemOf(text)).toMatchObject({ code: 'bad_request', detail: expect.stringContaining('eight years') });
    const { user, system } = process.cpuUsage(began);
    // Threads share the count of the process; alone it is at most 30 ms.
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });

  it('begins on a day that is no day of this time', () => {
    const problem = expect.objectContaining({ code: 'bad_request', detail: expect.stringMatching(/^startsOn: /) });
    for (const day of [-1, Number.NaN, 84_006]) expect(() => parseRecurrence('FREQ=DAILY', day)).toThrow(problem);
  });

  it('whatever it is, is refused in words or taken, and quickly (seeded)', () => {
    const part = fc.oneof(
      fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY', 'FREQ=MONTHLY', 'FREQ=YEARLY', 'BYDAY=MO', 'BYDAY=-1FR', 'COUNT=3'),
      fc.constantFrom('BYMONTH=2', 'BYMONTHDAY=-31', 'BYWEEKNO=53', 'BYSETPOS=5', 'BYYEARDAY=366', 'INTERVAL=999'),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        try {
          parseRecurrence(parts.join(';'), dayOf('2026-11-22'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request', detail: expect.stringMatching(/^rrule: .+\.$/) });
        }
      }),
      { seed: 20_261_122, numRuns: 500 },
    );
  });
});
