import { offsetAt } from '../../src/scheduling/wall-clock-offsets.ts';
import type { Oracle, Transition } from './oracle.ts';
import type { DateutilOracle } from './oracle-dateutil.ts';
import { temporalOracle } from './oracle-temporal.ts';
import { compareWindows } from './oracle-windows.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Two changes nearer to each other than this meet in the windows around one of them. */
const APART_MINUTES = 16 * DAY_MINUTES;
const minuteOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / MINUTE_MS;

/** Transitions are compared from 2020 to 2037, the last year of which tz files say everything. */
const RANGE = { from: minuteOf('2020-01-01'), to: minuteOf('2038-01-01') };
/** Also in zones that never change: windows around an ordinary noon. */
const ORDINARY_NOON = minuteOf('2026-06-17') + 720;

const keyOf = ({ at, before, after }: Transition) => `${at} ${before} ${after}`;

const ourTransitions = (zone: string): readonly Transition[] => {
  const offset = (minute: number) => offsetAt(zone, minute * MINUTE_MS) / MINUTE_MS;
  const found: Transition[] = [];
  for (let at = RANGE.from; at < RANGE.to; at += DAY_MINUTES) {
    const [before, after] = [offset(at), offset(at + DAY_MINUTES)];
    if (before === after) continue;
    let [low, high] = [at, at + DAY_MINUTES];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === after) high = middle;
      else low = middle;
    }
    found.push({ at: high, before, after });
  }
  return found;
};

const isAlone = (transition: Transition, others: readonly Transition[]): boolean =>
  others.every((other) => keyOf(other) === keyOf(transition) || Math.abs(other.at - transition.at) >= APART_MINUTES);

/** What was compared with one oracle, and what was not. */
export interface OracleTally {
  zones: number;
  transitions: number;
  windows: number;
  readonly differences: string[];
  /** `zone date`: one of the two tz databases has the transition, or has another one beside it. */
  readonly leftOut: string[];
}

export interface OracleReport {
  readonly temporal: OracleTally;
  readonly dateutil: OracleTally;
  /** Names of the system's tz database that this Node does not know. */
  readonly unknownToNode: string[];
}

const emptyTally = (): OracleTally => ({ zones: 0, transitions: 0, windows: 0, differences: [], leftOut: [] });

const compareInto = async (options: {
  tally: OracleTally;
  oracle: Oracle;
  zone: string;
  transitions: readonly Transition[];
  /** Transitions that only one of the two tz databases has. */
  disputed: readonly Transition[];
  pick: (transition: Transition) => boolean;
}): Promise<void> => {
  const { tally, oracle, zone, transitions, disputed, pick } = options;
  const all = [...transitions, ...disputed];
  for (const transition of transitions) {
    if (!isAlone(transition, all)) {
      tally.leftOut.push(`${zone} ${new Date(transition.at * MINUTE_MS).toISOString().slice(0, 10)}`);
    } else if (pick(transition)) {
      const { compared, differences } = await compareWindows(oracle, zone, transition);
      tally.transitions++;
      tally.windows += compared;
      tally.differences.push(...differences);
    }
  }
  for (const { at } of disputed) tally.leftOut.push(`${zone} ${new Date(at * MINUTE_MS).toISOString().slice(0, 10)}`);
  const offset = offsetAt(zone, ORDINARY_NOON * MINUTE_MS) / MINUTE_MS;
  const noon = { at: ORDINARY_NOON - offset, before: offset, after: offset };
  if (!isAlone(noon, all)) return;
  const { compared, differences } = await compareWindows(oracle, zone, noon);
  tally.zones++;
  tally.windows += compared;
  tally.differences.push(...differences);
};

const isKnownToNode = (zone: string): boolean => {
  try {
    offsetAt(zone, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Compares our windows with those of both oracles, around the transitions that `pick` takes and around an ordinary noon
 * of each zone. rrule-temporal reads the tz database of this Node, dateutil the system's, which may be of another
 * release: with it, only transitions that both databases have are compared, and the rest is named.
 */
export const runOracles = async (options: {
  readonly zones: readonly string[];
  /** Undefined where this machine has none. */
  readonly dateutil: DateutilOracle | undefined;
  readonly pick: (zone: string, transition: Transition) => boolean;
}): Promise<OracleReport> => {
  const report: OracleReport = { temporal: emptyTally(), dateutil: emptyTally(), unknownToNode: [] };
  for (const zone of options.zones) {
    if (!isKnownToNode(zone)) {
      report.unknownToNode.push(zone);
      continue;
    }
    const pick = (transition: Transition) => options.pick(zone, transition);
    const ours = ourTransitions(zone);
    const compare = async (oracle: Oracle, tally: OracleTally, theirs: readonly Transition[]) => {
      const [ourKeys, theirKeys] = [new Set(ours.map(keyOf)), new Set(theirs.map(keyOf))];
      const transitions = ours.filter((transition) => theirKeys.has(keyOf(transition)));
      const disputed = [
        ...ours.filter((transition) => !theirKeys.has(keyOf(transition))),
        ...theirs.filter((transition) => !ourKeys.has(keyOf(transition))),
      ];
      await compareInto({ tally, oracle, zone, transitions, disputed, pick });
    };
    await compare(temporalOracle, report.temporal, ours);
    if (options.dateutil === undefined) continue;
    await compare(options.dateutil, report.dateutil, await options.dateutil.transitions({ zone, ...RANGE }));
  }
  return report;
};
