import { AppError, type License } from '@bedside/protocol';

interface Dated {
  readonly validFrom: string;
  readonly validTo?: string | undefined;
}

/** Errors: `bad_request`, whose detail names the entry, where one ends before it begins. */
export const requireDates = (list: string, rows: readonly Dated[]): void => {
  const wrong = rows.findIndex((row) => row.validTo !== undefined && row.validTo < row.validFrom);
  if (wrong >= 0)
    throw new AppError('bad_request', { detail: `${list}.${wrong}.validTo: must not be earlier than validFrom.` });
};

/** Errors: `bad_request`, whose detail names the second of two entries that say the same. */
export const requireDistinct = <Row>(list: string, rows: readonly Row[], keyOf: (row: Row) => string): void => {
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const key = keyOf(row);
    if (seen.has(key))
      throw new AppError('bad_request', { detail: `${list}.${index}: says the same as an earlier entry.` });
    seen.add(key);
  }
};

/** Errors: `bad_request`, whose detail names the entry that is of a state and of a compact, or of neither. */
export const requireOneAuthority = (licenses: readonly License[]): void => {
  const wrong = licenses.findIndex((license) => (license.region === undefined) === (license.compact === undefined));
  if (wrong >= 0)
    throw new AppError('bad_request', { detail: `licenses.${wrong}.region: name either a region or a compact.` });
};
