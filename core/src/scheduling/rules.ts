import { AppError, type ErrorCode, type PayerId, type VisitTypeId } from '@bedside/protocol';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A row that holds from one local date to another, both inclusive; null has no end. Dates are `YYYY-MM-DD`. */
export interface Dated {
  readonly validFrom: string;
  readonly validTo: string | null;
}

export const isInForce = (row: Dated, date: string): boolean =>
  row.validFrom <= date && (row.validTo === null || date <= row.validTo);

/**
 * Whether a start is neither too close nor too far. Staff decide for themselves how close is close, but nobody books
 * the past.
 */
export const refusalOfStart = (options: {
  readonly startsAtMs: number;
  readonly nowMs: number;
  readonly minimumNoticeMinutes: number;
  readonly bookingHorizonDays: number;
  readonly byStaff: boolean;
}): Extract<ErrorCode, 'slot_unavailable' | 'slot_too_soon' | 'slot_too_far'> | undefined => {
  const { startsAtMs, nowMs } = options;
  if (startsAtMs < nowMs) return 'slot_unavailable';
  if (!options.byStaff && startsAtMs < nowMs + options.minimumNoticeMinutes * MINUTE_MS) return 'slot_too_soon';
  return startsAtMs > nowMs + options.bookingHorizonDays * DAY_MS ? 'slot_too_far' : undefined;
};

/** Whether a provider may see a patient who is in `region`. `regions`: where they may on the date of the visit. */
export const refusalOfRegion = (options: {
  readonly requiresLicense: boolean;
  readonly region: string | undefined;
  readonly regions: readonly string[];
}): Extract<ErrorCode, 'region_required' | 'not_licensed'> | undefined => {
  if (!options.requiresLicense) return undefined;
  if (options.region === undefined) return 'region_required';
  return options.regions.includes(options.region) ? undefined : 'not_licensed';
};

export interface PayerRuleFact extends Dated {
  readonly payerId: PayerId;
  readonly visitTypeId: VisitTypeId | null;
  readonly region: string | null;
  readonly effect: 'allow' | 'deny';
}

/**
 * Whether a payer pays for a visit. One who pays themselves needs a visit type that may be paid so. A `deny` in force
 * refuses; where there is an `allow` in force for the type, only the payers so allowed are taken.
 */
export const isPaid = (options: {
  readonly payerId: PayerId | undefined;
  readonly selfPay: boolean;
  readonly rules: readonly PayerRuleFact[];
  readonly visitTypeId: VisitTypeId;
  readonly region: string | undefined;
  readonly date: string;
}): boolean => {
  const { payerId } = options;
  if (payerId === undefined) return options.selfPay;
  const applying = options.rules.filter(
    (rule) =>
      isInForce(rule, options.date) &&
      (rule.visitTypeId === null || rule.visitTypeId === options.visitTypeId) &&
      (rule.region === null || rule.region === options.region),
  );
  if (applying.some((rule) => rule.effect === 'deny' && rule.payerId === payerId)) return false;
  const allowing = applying.filter((rule) => rule.effect === 'allow');
  return allowing.length === 0 || allowing.some((rule) => rule.payerId === payerId);
};

/** Throws where there is a refusal. */
export const refuse = (code: ErrorCode | undefined): void => {
  if (code !== undefined) throw new AppError(code);
};
