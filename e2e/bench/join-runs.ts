import type { JoinTimes } from '../src/page/join-meter.ts';

/** Something whose joins are timed. */
export interface JoinSubject extends AsyncDisposable {
  readonly name: string;
  /** A page as a patient has it before the click, the click, and how long each step took after it. */
  join(): Promise<JoinTimes>;
}

/** `share` 0..1 of the sorted values lies at or below the result (nearest rank). */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** One join more than `count`: the first fills caches that a second patient finds filled, and is left out. */
export const timeJoins = async (
  subject: JoinSubject,
  count: number,
  say: (line: string) => void,
): Promise<JoinTimes[]> => {
  const times: JoinTimes[] = [];
  for (let index = 0; index <= count; index++) {
    const join = await subject.join();
    if (index > 0) times.push(join);
    say(`${subject.name} ${index === 0 ? 'warm-up' : `${index}/${count}`}: ${join.totalMs.toFixed(0)} ms`);
  }
  return times;
};

/** Each step's median time after the click, and after the step before it, in the order of those medians. */
export const stepTable = (name: string, joins: readonly JoinTimes[]): string => {
  const byName = new Map<string, number[]>();
  for (const mark of joins.flatMap(({ marks }) => marks))
    byName.set(mark.name, [...(byName.get(mark.name) ?? []), mark.atMs]);
  const rows = [...byName]
    .filter(([, values]) => values.length > joins.length / 2)
    .map(([step, values]) => ({ step, p50: percentile(values, 0.5), p95: percentile(values, 0.95) }))
    .sort((one, other) => one.p50 - other.p50);
  const lines = rows.map(({ step, p50, p95 }, index) => {
    const gap = p50 - (rows[index - 1]?.p50 ?? 0);
    return `${step.padEnd(30)}${p50.toFixed(1).padStart(8)}${gap.toFixed(1).padStart(8)}${p95.toFixed(1).padStart(8)}`;
  });
  return [
    `${name}, ${joins.length} joins`.padEnd(30) + '     p50      +p50     p95  (ms after the click)'.slice(1),
    ...lines,
  ].join('\n');
};
