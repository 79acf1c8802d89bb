import { VisitTypeId } from '@bedside/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AvailabilityRule, openingsOf } from './availability.ts';
import { readRecurrence } from './recurrence-grammar.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NEW_YORK = 'America/New_York';
const TYPES = ['a', 'b', 'c'].map((letter) => VisitTypeId.parse(`00000000-0000-4000-8000-00000000000${letter}`));
const [A, B] = TYPES as [VisitTypeId, VisitTypeId, VisitTypeId];
const dayOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

interface RuleInput extends Partial<Omit<AvailabilityRule, 'recurrence'>> {
  readonly on: string;
  /** `HH:MM-HH:MM`; an end not after the start is on the next day. */
  readonly at: string;
  readonly rrule?: string;
}

const rule = ({ on, at, rrule, ...rest }: RuleInput): AvailabilityRule => {
  const [startsMinute = 0, end = 0] = at.split('-').map(minutes);
  return {
    kind: 'open',
    startsOnDay: dayOf(on),
    startsMinute,
    endsMinute: end > startsMinute ? end : end + 1_440,
    recurrence: rrule === undefined ? undefined : readRecurrence(rrule),
    exDays: [],
    rDays: [],
    effectiveFromDay: undefined,
    effectiveToDay: undefined,
    visitTypeIds: [],
    worksOnHolidays: false,
    ...rest,
  };
};

const block = (input: RuleInput) => rule({ kind: 'block', ...input });

interface Asked {
  readonly from: string;
  readonly to?: string;
  readonly zone?: string;
  readonly holidays?: readonly string[];
  readonly timeOff?: readonly (readonly [string, string])[];
}

/** Openings as text: the day it belongs to, the instants in UTC, and the visit types where not all. */
const open = (rules: readonly AvailabilityRule[], { from, to = from, zone = 'UTC', ...asked }: Asked) =>
  openingsOf({
    rules,
    timeOff: (asked.timeOff ?? []).map(([start, end]) => ({
      startsAtMs: Date.parse(start),
      endsAtMs: Date.parse(end),
    })),
    holidays: new Set((asked.holidays ?? []).map(dayOf)),
    timeZone: zone,
    fromDay: dayOf(from),
    toDay: dayOf(to),
  }).flatMap(({ day, openings }) =>
    openings.map(([start, end, ids]) => {
      const utc = (minute: number) => new Date(minute * MINUTE_MS).toISOString().slice(5, 16).replace('T', ' ');
      const names = ids.map((id) => id.at(-1)).join('');
      return `${dateOf(day).slice(5)}: ${utc(start)}–${utc(end)}${names === '' ? '' : ` ${names}`}`;
    }),
  );

describe('openings', () => {
  const workdays = { on: '2026-03-02', rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' };

  it('are the open windows without blocks and without time off', () => {
    const rules = [rule({ ...workdays, at: '09:00-17:00' }), block({ ...workdays, at: '12:00-13:00' })];
    const timeOff = [['2026-03-03T10:00:30Z', '2026-03-03T10:30:30Z']] as const;
    expect(open(rules, { from: '2026-03-03', to: '2026-03-03', timeOff })).toEqual([
      '03-03: 03-03 09:00–03-03 10:00',
      '03-03: 03-03 10:31–03-03 12:00',
      '03-03: 03-03 13:00–03-03 17:00',
    ]);
  });

  it('stand on the dates of the rule, its exceptions and its additions, while it is in effect', () => {
    const weekly = rule({
      on: '2026-03-02',
      at: '09:00-10:00',
      rrule: 'FREQ=WEEKLY;BYDAY=MO',
      exDays: [dayOf('2026-03-16'), dayOf('2026-03-18')],
      rDays: [dayOf('2026-03-17'), dayOf('2026-03-18'), dayOf('2026-04-01')],
      effectiveFromDay: dayOf('2026-03-09'),
      effectiveToDay: dayOf('2026-03-30'),
    });
    const days = open([weekly], { from: '2026-03-01', to: '2026-04-30' }).map((line) => line.slice(0, 5));
    expect(days).toEqual(['03-09', '03-17', '03-23', '03-30']);
  });

  it('of a rule without recurrence stand on its first day alone', () => {
    const once = rule({ on: '2026-03-02', at: '09:00-10:00' });
    expect(open([once], { from: '2026-03-01', to: '2026-03-31' })).toEqual(['03-02: 03-02 09:00–03-02 10:00']);
  });

  it('reach to the end of the day', () => {
    const late = rule({ on: '2026-03-02', at: '23:00-24:00' });
    expect(open([late], { from: '2026-03-02', to: '2026-03-02' })).toEqual(['03-02: 03-02 23:00–03-03 00:00']);
  });

  it('are not there on holidays, unless the rule works on them', () => {
    const rules = [
      rule({ ...workdays, at: '09:00-12:00' }),
      rule({ ...workdays, at: '13:00-14:00', worksOnHolidays: true }),
    ];
    expect(open(rules, { from: '2026-03-03', holidays: ['2026-03-03'] })).toEqual(['03-03: 03-03 13:00–03-03 14:00']);
  });

  it('on a holiday that somebody works on are without their blocks, as on any day', () => {
    const rules = [
      rule({ ...workdays, at: '09:00-14:00', worksOnHolidays: true }),
      block({ ...workdays, at: '12:00-13:00' }),
    ];
    expect(open(rules, { from: '2026-03-03', to: '2026-03-03', holidays: ['2026-03-03'] })).toEqual([
      '03-03: 03-03 09:00–03-03 12:00',
      '03-03: 03-03 13:00–03-03 14:00',
    ]);
  });

  it('over midnight belong to the day on which they start, on a holiday’s eve and on the holiday', () => {
    const nights = rule({ on: '2026-03-02', at: '22:00-06:00', rrule: 'FREQ=DAILY' });
    expect(open([nights], { from: '2026-03-02', to: '2026-03-04', holidays: ['2026-03-03'] })).toEqual([
      '03-02: 03-02 22:00–03-03 06:00',
      '03-04: 03-04 22:00–03-05 06:00',
    ]);
  });

  it('are cut by the block of the day before and of the day after', () => {
    const rules = [
      rule({ on: '2026-03-03', at: '00:00-04:00' }),
      rule({ on: '2026-03-03', at: '22:00-04:00' }),
      block({ on: '2026-03-02', at: '23:00-01:00' }),
      block({ on: '2026-03-04', at: '00:00-02:00' }),
    ];
    expect(open(rules, { from: '2026-03-03' })).toEqual([
      '03-03: 03-03 01:00–03-03 04:00',
      '03-03: 03-03 22:00–03-04 00:00',
      '03-03: 03-04 02:00–03-04 04:00',
    ]);
  });

  it('that overlap admit what either admits, in the fewest pieces', () => {
    const on = '2026-03-02';
    const rules = [
      rule({ on, at: '10:00-11:00', visitTypeIds: [B] }),
      rule({ on, at: '09:00-12:00', visitTypeIds: [A] }),
      rule({ on, at: '12:00-13:00', visitTypeIds: [A] }),
      rule({ on, at: '15:00-17:00', visitTypeIds: [B, A] }),
      rule({ on, at: '16:00-18:00' }),
    ];
    expect(open(rules, { from: on })).toEqual([
      '03-02: 03-02 09:00–03-02 10:00 a',
      '03-02: 03-02 10:00–03-02 11:00 ab',
      '03-02: 03-02 11:00–03-02 13:00 a',
      '03-02: 03-02 15:00–03-02 16:00 ab',
      '03-02: 03-02 16:00–03-02 18:00',
    ]);
  });

  it('that the next day’s overlap keep the overlap', () => {
    const rules = [
      rule({ on: '2026-03-02', at: '20:00-02:00', visitTypeIds: [A] }),
      rule({ on: '2026-03-03', at: '01:00-05:00', visitTypeIds: [B] }),
    ];
    expect(open(rules, { from: '2026-03-02', to: '2026-03-03' })).toEqual([
      '03-02: 03-02 20:00–03-03 01:00 a',
      '03-02: 03-03 01:00–03-03 02:00 ab',
      '03-03: 03-03 02:00–03-03 05:00 b',
    ]);
  });
});

describe('on the night the clock jumps', () => {
  const spring = { from: '2026-03-08', zone: NEW_YORK };
  const autumn = { from: '2026-11-01', zone: NEW_YORK };
  const daily = { on: '2026-01-01', rrule: 'FREQ=DAILY' };

  it('01:00–05:00 is three hours in spring and five in autumn', () => {
    const night = [rule({ ...daily, at: '01:00-05:00' })];
    expect(open(night, spring)).toEqual(['03-08: 03-08 06:00–03-08 09:00']);
    expect(open(night, autumn)).toEqual(['11-01: 11-01 05:00–11-01 10:00']);
  });

  it('a start in the gap does not exist, an end in it is the jump', () => {
    expect(open([rule({ ...daily, at: '02:30-05:00' })], spring)).toEqual([]);
    expect(open([rule({ on: '2026-03-08', at: '02:30-05:00' })], spring)).toEqual([]);
    const added = rule({ on: '2026-03-01', at: '02:30-05:00', rDays: [dayOf('2026-03-08')] });
    expect(open([added], spring)).toEqual([]);
    expect(open([rule({ ...daily, at: '01:00-02:30' })], spring)).toEqual(['03-08: 03-08 06:00–03-08 07:00']);
    expect(open([rule({ ...daily, at: '02:00-03:00' })], spring)).toEqual([]);
  });

  it('a start in the gap does not count', () => {
    const thrice = rule({ on: '2026-03-07', at: '02:30-05:00', rrule: 'FREQ=DAILY;COUNT=3' });
    const days = open([thrice], { from: '2026-03-01', to: '2026-03-31', zone: NEW_YORK });
    expect(days.map((line) => line.slice(0, 5))).toEqual(['03-07', '03-09', '03-10']);
  });

  it('a block that starts in the gap still blocks from the jump on', () => {
    const rules = [rule({ ...daily, at: '01:00-05:00' }), block({ ...daily, at: '02:30-04:00' })];
    expect(open(rules, spring)).toEqual(['03-08: 03-08 06:00–03-08 07:00', '03-08: 03-08 08:00–03-08 09:00']);
  });

  it('a block within the gap takes nothing away', () => {
    const rules = [rule({ ...daily, at: '01:00-05:00' }), block({ ...daily, at: '02:15-02:45' })];
    expect(open(rules, spring)).toEqual(['03-08: 03-08 06:00–03-08 09:00']);
  });

  it('a block that ends when a window begins leaves the window whole, however often the clock shows that time', () => {
    const rules = [rule({ ...daily, at: '01:30-05:00' }), block({ ...daily, at: '00:00-01:30' })];
    expect(open(rules, autumn)).toEqual(['11-01: 11-01 05:30–11-01 10:00']);
  });

  it('half an hour is half an hour, where that is what the clock jumps', () => {
    const night = [rule({ ...daily, at: '01:30-03:00' })];
    const lordHowe = { zone: 'Australia/Lord_Howe' };
    expect(open(night, { from: '2026-10-04', ...lordHowe })).toEqual(['10-04: 10-03 15:00–10-03 16:00']);
    expect(open(night, { from: '2026-04-05', ...lordHowe })).toEqual(['04-05: 04-04 14:30–04-04 16:30']);
  });
});

describe('openings are canonical', () => {
  const anyRule = fc
    .record({
      kind: fc.constantFrom('open' as const, 'open' as const, 'block' as const),
      on: fc.constantFrom('2026-10-28', '2026-10-31', '2026-11-01', '2026-11-02'),
      startsMinute: fc.nat(1_439),
      length: fc.integer({ min: 1, max: 1_440 }),
      rrule: fc.constantFrom(undefined, 'FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=SU,MO', 'FREQ=DAILY;INTERVAL=2;COUNT=3'),
      visitTypeIds: fc.subarray(TYPES),
      worksOnHolidays: fc.boolean(),
    })
    .map(({ startsMinute, length, on, rrule, ...rest }) => ({
      ...rule({ on, at: '00:00-00:01', ...(rrule === undefined ? {} : { rrule }), ...rest }),
      startsMinute,
      endsMinute: startsMinute + length,
    }));
  const fromDay = dayOf('2026-10-30');
  const asked = {
    timeOff: [{ startsAtMs: Date.parse('2026-11-01T04:00:00Z'), endsAtMs: Date.parse('2026-11-01T05:45:00Z') }],
    holidays: new Set([dayOf('2026-11-02')]),
    timeZone: NEW_YORK,
    fromDay,
    toDay: fromDay + 5,
  };
  const rules = fc.array(anyRule, { minLength: 1, maxLength: 8 });
  const runs = { seed: 20_261_122, numRuns: 150 };

  it('whatever the order of rules and visit types (seeded)', () => {
    const shuffled = rules.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    fc.assert(
      fc.property(shuffled, ([some, other]) => {
        const turned = other.map((one) => ({ ...one, visitTypeIds: one.visitTypeIds.toReversed() }));
        expect(openingsOf({ ...asked, rules: turned })).toEqual(openingsOf({ ...asked, rules: some }));
        expect(openingsOf({ ...asked, rules: [...some, ...other] })).toEqual(openingsOf({ ...asked, rules: some }));
      }),
      runs,
    );
  });

  it('ascending, apart from each other, joined where equal, never over a block (seeded)', () => {
    fc.assert(
      fc.property(rules, (some) => {
        const days = openingsOf({ ...asked, rules: some });
        const all = days.flatMap(({ openings }) => openings);
        for (const [start, end, ids] of all) {
          expect(start).toBeLessThan(end);
          expect(ids).toEqual([...new Set(ids)].sort());
        }
        const ascending = all.toSorted((one, other) => one[0] - other[0]);
        ascending.forEach(([start], index) => {
          if (index > 0) expect(ascending[index - 1]?.[1]).toBeLessThanOrEqual(start);
        });
        for (const { openings } of days) {
          openings.forEach(([start, , ids], index) => {
            const before = openings[index - 1];
            if (before?.[1] === start) expect(before[2]).not.toEqual(ids);
          });
        }
      }),
      runs,
    );
  });

  it('the same for a day alone as for the day among others (seeded)', () => {
    fc.assert(
      fc.property(rules, fc.nat(5), (some, offset) => {
        const day = fromDay + offset;
        const whole = openingsOf({ ...asked, rules: some }).filter((one) => one.day === day);
        expect(openingsOf({ ...asked, rules: some, fromDay: day, toDay: day })).toEqual(whole);
      }),
      runs,
    );
  });

  it('minute for minute what the windows say (seeded)', () => {
    // The same asked one minute at a time, without intervals: what does the wall clock show, and who admits it?
    const inZone = { ...asked, timeZone: 'UTC', timeOff: [], holidays: new Set<number>() };
    const covers = (one: AvailabilityRule, minute: number) =>
      [0, 1].some((back) => {
        const day = Math.floor(minute / 1_440) - back;
        const at = minute - day * 1_440;
        const isDay = openingsOf({
          ...inZone,
          rules: [{ ...one, kind: 'open', startsMinute: 0, endsMinute: 1 }],
          fromDay: day,
          toDay: day,
        });
        return isDay.length > 0 && at >= one.startsMinute && at < one.endsMinute;
      });
    fc.assert(
      fc.property(rules, fc.integer({ min: 120, max: 6 * 1_440 - 1 }), (some, offset) => {
        const minute = fromDay * 1_440 + offset;
        const here = some.filter((one) => covers(one, minute));
        const isOpen = here.some((one) => one.kind === 'open') && here.every((one) => one.kind === 'open');
        const found = openingsOf({ ...inZone, rules: some, fromDay: fromDay - 1 })
          .flatMap(({ openings }) => openings)
          .filter(([start, end]) => start <= minute && minute < end);
        expect(found).toHaveLength(isOpen ? 1 : 0);
        if (!isOpen) return;
        const types = here.some((one) => one.visitTypeIds.length === 0) ? [] : here.flatMap((one) => one.visitTypeIds);
        expect(found[0]?.[2]).toEqual([...new Set(types)].sort());
      }),
      runs,
    );
  });
});
