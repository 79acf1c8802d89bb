import { AppError, type ErrorCode, type Problem, problemOf } from '@bedside/protocol';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { isDatabaseUnreachable } from '../db/failures.ts';
import { StepUpRequired } from '../identity/step-up-gate.ts';
import { RefusedFields } from '../refused-fields.ts';

/** What a schema finds wrong, in words of our own: the library's may quote what was sent. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_type: 'is missing or of the wrong type',
  unrecognized_keys: 'has members that are not known here',
  too_small: 'is too short or too small',
  too_big: 'is too long or too large',
  invalid_value: 'is none of the allowed values',
  invalid_format: 'does not have the right format',
};

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

const MAX_FIELDS = 20;

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** The problem document of whatever was thrown, and whether that was a failure of our own. */
export const toProblem = (
  error: unknown,
  requestId: string,
): { readonly problem: Problem; readonly failure: boolean } => {
  if (error instanceof AppError)
    return {
      problem: problemOf(error.code, {
        detail: error.detail,
        requestId,
        ...(error instanceof RefusedFields ? { errors: error.fields } : {}),
        ...(error instanceof StepUpRequired ? { stepUp: error.ways } : {}),
      }),
      failure: false,
    };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, MAX_FIELDS).map((finding) => ({
      field: [error.validationContext, ...finding.instancePath.split('/').slice(1)]
        .filter((part) => part && part !== 'body')
        .join('.'),
      message: WORDS[finding.keyword] ?? 'has a value that is not allowed',
    }));
    return { problem: problemOf('bad_request', { requestId, errors }), failure: false };
  }
  const known = FASTIFY_CODES[codeOf(error) ?? ''] ?? (error instanceof SyntaxError ? 'bad_request' : undefined);
  if (known !== undefined) return { problem: problemOf(known, { requestId }), failure: false };
  return {
    problem: problemOf(isDatabaseUnreachable(error) ? 'unavailable' : 'internal', { requestId }),
    failure: true,
  };
};
