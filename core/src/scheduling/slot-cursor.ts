import { AppError, PersonId } from '@bedside/protocol';

/** A place in the order of slot days: those after it come next. */
export interface SlotPlace {
  readonly firstOpenAt: Date;
  readonly providerId: PersonId;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000' as PersonId;

/** Before all that opens at `at` or later. */
export const placeBefore = (at: Date): SlotPlace => ({ firstOpenAt: at, providerId: FIRST_ID });

/** Opaque to clients: `<ms, base 36>.<provider's id>`. */
export const cursorOf = (place: SlotPlace): string => `${place.firstOpenAt.getTime().toString(36)}.${place.providerId}`;

/** Errors: `bad_request` where it is no cursor of ours. */
export const placeOf = (cursor: string): SlotPlace => {
  const [at = '', id] = cursor.split('.', 2);
  const providerId = PersonId.safeParse(id);
  const atMs = /^[0-9a-z]{1,9}$/.test(at) ? Number.parseInt(at, 36) : Number.NaN;
  if (!providerId.success || Number.isNaN(atMs))
    throw new AppError('bad_request', { detail: 'cursor: must be the `next` of an earlier page.' });
  return { firstOpenAt: new Date(atMs), providerId: providerId.data };
};
