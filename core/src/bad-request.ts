import { AppError } from '@bedside/protocol';

/** `detail` names the field and the fix: "patientId: must be a patient of this organization." */
export const bad = (detail: string): AppError => new AppError('bad_request', { detail });
