import type { Problem, StepUpWays } from './core-api.ts';
import { ERRORS, type ErrorCode } from './errors.ts';

/** Media type of a problem document (RFC 9457 §6.1); it takes no charset. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The problem document of a code. `detail` and `errors` name fields, never what was sent in them. */
export const problemOf = (
  code: ErrorCode,
  options: { detail?: string | undefined; requestId?: string; errors?: Problem['errors']; stepUp?: StepUpWays } = {},
): Problem => ({
  type: `urn:bedside:problem:${code}`,
  title: ERRORS[code].title,
  status: ERRORS[code].status,
  code,
  ...(options.detail === undefined ? {} : { detail: options.detail }),
  ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
  ...(options.errors === undefined ? {} : { errors: options.errors }),
  ...(options.stepUp === undefined ? {} : { stepUp: options.stepUp }),
});
