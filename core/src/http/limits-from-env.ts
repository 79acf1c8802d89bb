import { envVar } from '@bedside/kit';
import type { z } from 'zod';

/** How many requests a minute, each per person, or per address where nobody is signed in. */
export interface RateLimits {
  /** Everything, per address: many people sit behind one. */
  readonly address: number;
  readonly signIn: number;
  /** Refused sign-ins of one address in a quarter of an hour. */
  readonly signInFailures: number;
  /** Sign-ins of everybody together. */
  readonly signInAll: number;
  readonly read: number;
  readonly write: number;
  readonly grant: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  address: 6_000,
  signIn: 600,
  signInFailures: 60,
  signInAll: 6_000,
  read: 600,
  write: 240,
  grant: 60,
};

/** None turns a limit off, and none is so low that a page which works as it should runs into it at once. */
const perMinute = (min: number, preset: number) => envVar.integer({ min, max: 1_000_000 }).default(preset);

/** The variables of the limits, for the schema of the environment. */
export const LIMIT_VARIABLES = {
  BEDSIDE_LIMIT_ADDRESS_PER_MINUTE: perMinute(60, DEFAULT_RATE_LIMITS.address),
  BEDSIDE_LIMIT_READ_PER_MINUTE: perMinute(60, DEFAULT_RATE_LIMITS.read),
  BEDSIDE_LIMIT_WRITE_PER_MINUTE: perMinute(20, DEFAULT_RATE_LIMITS.write),
  BEDSIDE_LIMIT_GRANT_PER_MINUTE: perMinute(10, DEFAULT_RATE_LIMITS.grant),
  BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE: perMinute(10, DEFAULT_RATE_LIMITS.signIn),
  BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE: perMinute(60, DEFAULT_RATE_LIMITS.signInAll),
  BEDSIDE_LIMIT_SIGN_IN_FAILURES_PER_QUARTER_HOUR: perMinute(5, DEFAULT_RATE_LIMITS.signInFailures),
};

type LimitValues = { readonly [Name in keyof typeof LIMIT_VARIABLES]: z.output<(typeof LIMIT_VARIABLES)[Name]> };

/** What one person may ask for has to go through what holds for their address, or for everybody. */
const WITHIN: readonly (readonly [keyof LimitValues, keyof LimitValues])[] = [
  ['BEDSIDE_LIMIT_READ_PER_MINUTE', 'BEDSIDE_LIMIT_ADDRESS_PER_MINUTE'],
  ['BEDSIDE_LIMIT_WRITE_PER_MINUTE', 'BEDSIDE_LIMIT_ADDRESS_PER_MINUTE'],
  ['BEDSIDE_LIMIT_GRANT_PER_MINUTE', 'BEDSIDE_LIMIT_ADDRESS_PER_MINUTE'],
  ['BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE', 'BEDSIDE_LIMIT_ADDRESS_PER_MINUTE'],
  ['BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE', 'BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE'],
];

/** What is wrong with limits that are each right for themselves; a sentence each. */
export const limitProblems = (values: LimitValues): string[] =>
  WITHIN.filter(([narrow, wide]) => values[narrow] > values[wide]).map(
    ([narrow, wide]) => `${narrow}: must not be more than ${wide}`,
  );

export const limitsOf = (values: LimitValues): RateLimits => ({
  address: values.BEDSIDE_LIMIT_ADDRESS_PER_MINUTE,
  signIn: values.BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE,
  signInFailures: values.BEDSIDE_LIMIT_SIGN_IN_FAILURES_PER_QUARTER_HOUR,
  signInAll: values.BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE,
  read: values.BEDSIDE_LIMIT_READ_PER_MINUTE,
  write: values.BEDSIDE_LIMIT_WRITE_PER_MINUTE,
  grant: values.BEDSIDE_LIMIT_GRANT_PER_MINUTE,
});
