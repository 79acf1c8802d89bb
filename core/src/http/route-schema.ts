import { IDEMPOTENCY_HEADER, IdempotencyKey, PROBLEM_TYPE, Problem } from '@bedside/protocol';
import { z } from 'zod';

const problem = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: Problem } } });

/** The problem documents that any route may answer with, as they stand in the OpenAPI document. */
export const problems = {
  '4xx': problem('The request was refused; `code` says why.'),
  '5xx': problem('The server could not answer now.'),
};

/** Headers of a write that may be sent twice. */
export const idempotent = z.object({ [IDEMPOTENCY_HEADER]: IdempotencyKey.optional() });

/** An answer without a body. */
export const noContent = z.void().describe('Done.');
/** An answer of a write that has nothing to tell. */
export const done = z.object({});
