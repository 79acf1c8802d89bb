import { type AvailabilityRule, openingsOf } from '../../src/scheduling/availability.ts';
import { readRecurrence } from '../../src/scheduling/recurrence-grammar.ts';
import type { InstantMinute, Occurrences, Oracle, OracleRule, Transition, WallMinute } from './oracle.ts';

const DAY = 1_440;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
type Frequency = 'DAILY' | 'WEEKLY';
const FREQUENCIES = ['DAILY', 'WEEKLY'] as const;
/** Days around the transition's own on which windows start; ends reach a day further. */
const SPAN = { DAILY: { back: 2, ahead: 3 }, WEEKLY: { back: 7, ahead: 7 } } as const;

const dateText = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
const dayOf = (wall: WallMinute) => Math.floor(wall / DAY);
const weekdayOf = (wall: WallMinute) => WEEKDAYS[(((dayOf(wall) + 3) % 7) + 7) % 7] ?? 'MO';

/** Readings of the clock before, at the edges of, within and after the gap or overlap, ascending. */
const readingsAround = ({ at, before, after }: Transition): readonly WallMinute[] => {
  const [low, high] = [at + Math.min(before, after), at + Math.max(before, after)];
  const middle = low + Math.floor((high - low) / 2);
  const readings = [low - 61, low - 30, low, middle, high - 1, high, high + 45];
  return [...new Set(readings)].sort((one, other) => one - other);
};

const rruleOf = (frequency: Frequency, wall: WallMinute): string =>
  frequency === 'DAILY' ? 'FREQ=DAILY' : `FREQ=WEEKLY;BYDAY=${weekdayOf(wall)}`;

const oracleRule = (frequency: Frequency, wall: WallMinute): OracleRule => {
  const { back, ahead } = SPAN[frequency];
  const until = `${dateText(dayOf(wall) + ahead + 1)}T235959`;
  return { startsAt: wall - back * DAY, rrule: `${rruleOf(frequency, wall)};UNTIL=${until}` };
};

interface Window {
  readonly kind: 'open' | 'block';
  readonly frequency: Frequency;
  readonly from: WallMinute;
  readonly to: WallMinute;
}

const availabilityRule = ({ kind, frequency, from, to }: Window): AvailabilityRule => {
  const day = dayOf(from);
  const { back, ahead } = SPAN[frequency];
  return {
    kind,
    startsOnDay: day - back,
    startsMinute: from - day * DAY,
    endsMinute: to - day * DAY,
    recurrence: readRecurrence(`${rruleOf(frequency, from)};UNTIL=${dateText(day + ahead)}`),
    exDays: [],
    rDays: [],
    effectiveFromDay: undefined,
    effectiveToDay: undefined,
    visitTypeIds: [],
    worksOnHolidays: true,
  };
};

/** A case: open windows, or windows with blocks in them. */
interface Case {
  readonly open: Window;
  readonly block: Window | undefined;
}

const casesOf = (readings: readonly WallMinute[]): readonly Case[] => {
  const cases: Case[] = [];
  readings.forEach((from, index) => {
    for (const frequency of FREQUENCIES)
      for (const to of readings.slice(index + 1))
        cases.push({ open: { kind: 'open', frequency, from, to }, block: undefined });
    for (const to of readings.slice(0, index + 1).filter((_, other) => (index + other) % 3 === 0))
      cases.push({ open: { kind: 'open', frequency: 'DAILY', from, to: to + DAY }, block: undefined });
  });
  const [first = 0, ...between] = readings;
  const last = between.pop() ?? 0;
  between.forEach((from, index) => {
    for (const to of between.slice(index + 1)) {
      const open = { kind: 'open', frequency: 'DAILY', from: first, to: last } as const;
      cases.push({ open, block: { kind: 'block', frequency: 'DAILY', from, to } });
    }
  });
  return cases;
};

type Spans = readonly (readonly [InstantMinute, InstantMinute])[];

/** What an oracle said, by frequency and reading. */
class OracleReadings {
  readonly #byRule = new Map<string, Occurrences>();
  readonly #instants = new Map<WallMinute, InstantMinute>();
  readonly #jumpAt: InstantMinute | undefined;

  constructor(answers: readonly (readonly [Frequency, WallMinute, Occurrences])[], gapEnd: WallMinute) {
    for (const [frequency, wall, occurrences] of answers) {
      this.#byRule.set(`${frequency} ${wall}`, occurrences);
      for (const [reading, instant] of occurrences) this.#instants.set(reading, instant);
    }
    this.#jumpAt = this.#instants.get(gapEnd);
  }

  /** The readings that exist, on the days on which our windows start. */
  starts({ frequency, from }: Window): readonly WallMinute[] {
    const lastDay = dayOf(from) + SPAN[frequency].ahead;
    const found = this.#byRule.get(`${frequency} ${from}`) ?? [];
    return found.map(([wall]) => wall).filter((wall) => dayOf(wall) <= lastDay);
  }

  /** The instant of a reading, of one in the gap the jump: the first instant after it, which shows the gap's end. */
  instantOf(wall: WallMinute): InstantMinute {
    return this.#instants.get(wall) ?? this.#jumpAt ?? Number.NaN;
  }
}

const expectedOf = ({ open, block }: Case, readings: OracleReadings): Spans => {
  const spans: [number, number][] = [];
  for (const wall of readings.starts(open)) {
    const [start, end] = [readings.instantOf(wall), readings.instantOf(wall + open.to - open.from)];
    if (block === undefined) spans.push([start, end]);
    else {
      const blocked = readings.instantOf(wall + block.from - open.from);
      const freeAgain = readings.instantOf(wall + block.to - open.from);
      if (blocked === freeAgain) spans.push([start, end]);
      else spans.push([start, blocked], [freeAgain, end]);
    }
  }
  return spans.filter(([start, end]) => start !== end);
};

const oursOf = ({ open, block }: Case, zone: string): Spans => {
  const day = dayOf(open.from);
  const { back, ahead } = SPAN[open.frequency];
  const days = openingsOf({
    rules: [open, ...(block === undefined ? [] : [block])].map(availabilityRule),
    timeOff: [],
    holidays: new Set(),
    timeZone: zone,
    fromDay: day - back - 1,
    toDay: day + ahead + 1,
  });
  return days.flatMap(({ openings }) => openings.map(([start, end]) => [start, end] as const));
};

export interface WindowTally {
  readonly compared: number;
  /** Sentences on what differs. */
  readonly differences: readonly string[];
}

/** Compares our windows around one transition of a zone with an oracle's; undefined where it has no answer. */
export const compareWindows = async (
  oracle: Oracle,
  zone: string,
  transition: Transition,
): Promise<WindowTally | undefined> => {
  const readings = readingsAround(transition);
  const asked = FREQUENCIES.flatMap((frequency) => readings.map((wall) => [frequency, wall] as const));
  const answers = await oracle.occurrences(
    zone,
    asked.map(([frequency, wall]) => oracleRule(frequency, wall)),
  );
  if (answers === undefined) return undefined;
  const gapEnd = transition.at + Math.max(transition.before, transition.after);
  const theirs = new OracleReadings(
    asked.map(([frequency, wall], index) => [frequency, wall, answers[index] ?? []]),
    gapEnd,
  );
  const cases = casesOf(readings);
  const differences = cases.flatMap((one) => {
    const [expected, ours] = [JSON.stringify(expectedOf(one, theirs)), JSON.stringify(oursOf(one, zone))];
    return expected === ours ? [] : [`${zone} ${JSON.stringify(one)}: ${oracle.name} ${expected}, ours ${ours}`];
  });
  return { compared: cases.length, differences };
};
