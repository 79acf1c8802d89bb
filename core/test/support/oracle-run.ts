import { offsetAt } from '../../src/scheduling/wall-clock-offsets.ts';
import type { Oracle, Transition } from './oracle.ts';
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
  /** `zone date`: only one of the two tz databases has this transition, or another is too near. */
  readonly leftOut: string[];
  /** `zone date`: the oracle has no answer. */
  readonly unanswered: string[];
  /** Zones of the list that this Node does not know. */
  readonly unknown: string[];
}

export const emptyTally = (): OracleTally => ({
  zones: 0,
  transitions: 0,
  windows: 0,
  differences: [],
  leftOut: [],
  unanswered: [],
  unknown: [],
});

const isKnownToNode = (zone: string): boolean => {
  try {
    offsetAt(zone, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Compares our windows with an oracle's around the transitions of a zone that `pick` takes, and around an ordinary noon.
 * `transitionsOf` are those of the oracle's tz database, undefined where it reads this Node's. Two releases of the
 * database may differ: only transitions that both have are compared, and the rest is named.
 */
export const compareZone = async (options: {
  readonly into: OracleTally;
  readonly oracle: Oracle;
  readonly transitionsOf:
    | ((options: { zone: string; from: number; to: number }) => Promise<readonly Transition[]>)
    | undefined;
  readonly zone: string;
  readonly pick: (transition: Transition) => boolean;
}): Promise<void> => {
  const { into, oracle, zone } = options;
  if (!isKnownToNode(zone)) {
    into.unknown.push(zone);
    return;
  }
  const ours = ourTransitions(zone);
  const theirs = (await options.transitionsOf?.({ zone, ...RANGE })) ?? ours;
  const [ourKeys, theirKeys] = [new Set(ours.map(keyOf)), new Set(theirs.map(keyOf))];
  const all = [...ours, ...theirs.filter((transition) => !ourKeys.has(keyOf(transition)))];
  const nameOf = ({ at }: Transition) => `${zone} ${new Date(at * MINUTE_MS).toISOString().slice(0, 10)}`;
  const compare = async (transition: Transition): Promise<number> => {
    const tally = await compareWindows(oracle, zone, transition);
    if (tally === undefined) {
      into.unanswered.push(nameOf(transition));
      return 0;
    }
    into.windows += tally.compared;
    into.differences.push(...tally.differences);
    return 1;
  };
  for (const transition of all) {
    const isShared = ourKeys.has(keyOf(transition)) && theirKeys.has(keyOf(transition));
    if (!isShared || !isAlone(transition, all)) {
      into.leftOut.push(nameOf(transition));
    } else if (options.pick(transition)) {
      into.transitions += await compare(transition);
    }
  }
  const offset = offsetAt(zone, ORDINARY_NOON * MINUTE_MS) / MINUTE_MS;
  const noon = { at: ORDINARY_NOON - offset, before: offset, after: offset };
  if (!isAlone(noon, all)) return;
  into.zones += await compare(noon);
};
