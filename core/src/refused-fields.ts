import { AppError, type ErrorCode, type Problem } from '@bedside/protocol';

/** A refusal that names what it is about, field by field, as a problem document's `errors` do. */
export class RefusedFields extends AppError {
  readonly fields: NonNullable<Problem['errors']>;

  constructor(code: ErrorCode, fields: NonNullable<Problem['errors']>) {
    super(code);
    this.fields = fields;
  }
}
