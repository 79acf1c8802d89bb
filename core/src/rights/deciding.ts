import type { PersonId } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Action, Decision } from '../policy/policy.ts';
import { relationsOf } from '../relationships/relations-of.ts';

/** What the policy says to something that somebody wants of a patient's record, with how they have to do with them. */
export const decideOnRecordOf = async (
  context: CoreContext,
  ask: { readonly caller: Caller; readonly action: Action; readonly patientId: PersonId },
): Promise<Decision> => {
  const { caller, action, patientId } = ask;
  const { personId } = caller.who;
  const relations =
    patientId === personId
      ? []
      : await relationsOf(context.database.as(caller).db, { personId, patientIds: [patientId], at: nowOf(context) });
  return context.policy.onRecord(caller.who, action, patientId, relations);
};
