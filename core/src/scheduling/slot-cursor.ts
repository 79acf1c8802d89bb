import { AppError } from '@bedside/protocol';
import { z } from 'zod';

/** A place in the order of what a search goes through: those after it come next. Days go by first opening and provider. */
export interface SlotPlace {
  readonly at: Date;
  readonly id: string;
}

/** Opaque to clients: `<ms, base 36>.<id>`. */
export const cursorOf = (place: SlotPlace): string => `${place.at.getTime().toString(36)}.${place.id}`;

/** Errors: `bad_request` where it is no cursor of ours. */
export const placeOf = (cursor: string): SlotPlace => {
  const [at = '', id] = cursor.split('.', 2);
  const known = z.uuid().safeParse(id);
  if (!known.success || !/^[0-9a-z]{1,9}$/.test(at))
    throw new AppError('bad_request', { detail: 'cursor: must be the `next` of an earlier page.' });
  return { at: new Date(Number.parseInt(at, 36)), id: known.data };
};
