import { z } from 'zod';
import { Modality } from './core-api.ts';
import { VisitTypeId } from './ids.ts';

// Apart from the rest of the API because the page of a visit, which downloads that, has no use for these.

const questionBase = {
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  label: z.string().min(1).max(300),
  required: z.boolean(),
};
/** A question asked while a time is held. Answers go by `id`. */
export const IntakeQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ ...questionBase, kind: z.literal('text') }),
  z.strictObject({ ...questionBase, kind: z.literal('yes-no') }),
  z.strictObject({
    ...questionBase,
    kind: z.literal('choice'),
    options: z.array(z.string().min(1).max(100)).min(2).max(20),
  }),
]);
export type IntakeQuestion = z.infer<typeof IntakeQuestion>;

export const VisitType = z.object({
  id: VisitTypeId,
  name: z.string(),
  modality: Modality,
  durationMinutes: z.number().int().min(5).max(480),
  minimumNoticeMinutes: z.number().int(),
  bookingHorizonDays: z.number().int(),
  /** A patient who cancels or moves later than this before the start has to call. */
  cancelNoticeMinutes: z.number().int(),
  /** More than 1: a group session. */
  seats: z.number().int(),
  intakeQuestions: z.array(IntakeQuestion),
});
export type VisitType = z.infer<typeof VisitType>;
