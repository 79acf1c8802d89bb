import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Oracle, Transition } from './support/oracle.ts';
import { DateutilOracle, whyNoDateutil } from './support/oracle-dateutil.ts';
import { compareRules, isReadByTemporal, sampleRules } from './support/oracle-rules.ts';
import { compareZone, emptyTally, type OracleTally } from './support/oracle-run.ts';
import { temporalOracle } from './support/oracle-temporal.ts';

// A part of what `npm run oracle:time` compares: of the zones in which clocks do the oddest things all transitions of
// two years, and of fifty more a few each.

const SEED = 20_261_122;
const ODD_ZONES = [
  'Africa/Casablanca',
  'America/New_York',
  'America/Nuuk',
  'Antarctica/Troll',
  'Asia/Gaza',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Europe/Dublin',
  'Pacific/Apia',
];
const RUN_MS = 60_000;

const someZones = (count: number): readonly string[] => {
  const all = Intl.supportedValuesOf('timeZone').filter((zone) => !ODD_ZONES.includes(zone));
  const some = fc.shuffledSubarray(all, { minLength: count, maxLength: count });
  return fc.sample(some, { seed: SEED, numRuns: 1 })[0] ?? [];
};

const zones = [...ODD_ZONES, ...someZones(50)];
const pick = (zone: string, { at }: Transition): boolean => {
  const year = new Date(at * 60_000).getUTCFullYear();
  return ODD_ZONES.includes(zone) ? year === 2020 || year === 2026 : year === 2021 + (zones.indexOf(zone) % 16);
};

const compareZones = async (
  oracle: Oracle,
  transitionsOf: Parameters<typeof compareZone>[0]['transitionsOf'],
): Promise<OracleTally> => {
  const into = emptyTally();
  for (const zone of zones)
    await compareZone({ into, oracle, transitionsOf, zone, pick: (transition) => pick(zone, transition) });
  return into;
};

const zonesOf = (places: readonly string[]) => [...new Set(places.map((place) => place.split(' ')[0]))];

const expectAgreement = (tally: OracleTally) => {
  expect(tally.differences.slice(0, 5)).toEqual([]);
  expect(tally.zones).toBeGreaterThan(50);
  expect(tally.transitions).toBeGreaterThan(40);
  expect(tally.windows).toBeGreaterThan(5_000);
};

const cases = sampleRules({ seed: SEED, count: 400 });

describe('rrule-temporal', () => {
  it('finds the same windows around transitions', { timeout: RUN_MS }, async () => {
    const tally = await compareZones(temporalOracle, undefined);
    expectAgreement(tally);
    expect(zonesOf(tally.unanswered)).toEqual(['Africa/Casablanca']);
  });

  it('finds the same days of rules', { timeout: RUN_MS }, async () => {
    const read = cases.filter(isReadByTemporal);
    expect(read.length).toBeGreaterThan(150);
    expect(await compareRules(temporalOracle, read)).toEqual([]);
  });
});

describe.skipIf(whyNoDateutil !== undefined)(`dateutil${whyNoDateutil ? ` (not here: ${whyNoDateutil})` : ''}`, () => {
  let dateutil: DateutilOracle;
  beforeAll(() => {
    dateutil = DateutilOracle.start();
  });
  afterAll(() => dateutil?.[Symbol.asyncDispose]());

  it('finds the same windows around transitions', { timeout: RUN_MS }, async () => {
    const tally = await compareZones(dateutil, dateutil.transitions.bind(dateutil));
    expectAgreement(tally);
    // Two releases of the tz database differ in some rules of a few zones.
    expect(zonesOf(tally.leftOut).length).toBeLessThan(5);
    expect(tally.unanswered).toEqual([]);
  });

  it('finds the same days of rules', { timeout: RUN_MS }, async () => {
    expect(cases.length).toBeGreaterThan(200);
    expect(await compareRules(dateutil, cases)).toEqual([]);
  });
});
