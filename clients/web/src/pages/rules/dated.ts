/** Rules that hold from a day until a day. Pure; dates are `YYYY-MM-DD`, the last day counts. */
import { dateWords } from '../../text/zoned.ts';

export interface Dated {
  readonly validFrom: string;
  readonly validTo?: string | undefined;
  /** Where it is written down; caps of the house are written nowhere else. */
  readonly source?: string | undefined;
}

export const isOver = ({ validTo }: Pick<Dated, 'validTo'>, today: string): boolean =>
  validTo !== undefined && validTo < today;

/** "since March 1", "from March 1, 2027", "since March 1 until May 31". */
export const datesWords = ({ validFrom, validTo }: Dated, today: string): string => {
  const from = `${validFrom > today ? 'from' : 'since'} ${dateWords(validFrom, today)}`;
  return validTo === undefined ? from : `${from} until ${dateWords(validTo, today)}`;
};

/** The list without what this row says after its new last day; a row that never comes into force goes. */
export const endedIn = <Row extends Dated>(rows: readonly Row[], row: Row, lastDay: string): Row[] =>
  rows.flatMap((one) => (same(one, row) ? (lastDay < one.validFrom ? [] : [{ ...one, validTo: lastDay }]) : [one]));

export const has = <Row extends Dated>(rows: readonly Row[], row: Row): boolean => rows.some((one) => same(one, row));

/** Core knows rows by what they say. */
const same = (one: object, other: object): boolean => {
  const text = (row: object) => JSON.stringify(Object.entries(row).sort(([a], [b]) => a.localeCompare(b)));
  return text(one) === text(other);
};
