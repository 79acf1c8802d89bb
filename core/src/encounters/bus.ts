import { type Bus, type BusSubscription, type Method, serve } from '@bedside/kit';
import { AppError, busErrors, VISIT_METHODS } from '@bedside/protocol';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { AccessDenied } from '../caller.ts';
import type { CoreContext } from '../context.ts';
import { isDatabaseUnreachable } from '../db/failures.ts';
import { holderOf } from '../grants/holder.ts';
import type { Grants } from '../grants/service.ts';
import type { Decisions } from './decisions.ts';
import type { Messages } from './messages.ts';
import type { PresenceDesk } from './presence.ts';

export interface VisitServices {
  readonly grants: Grants;
  readonly decisions: Decisions;
  readonly presence: PresenceDesk;
  readonly messages: Messages;
}

/** What crosses the bus as an error: a code. A denial is written to the trail on the way. */
const answerable = async (context: CoreContext, error: unknown, subject: string): Promise<unknown> => {
  if (error instanceof AccessDenied) {
    context.events.accessDenied({ code: error.code, personId: error.entry.actor.personId, reason: error.entry.reason });
    await audit(context.database.asSystem('visit').db, error.entry);
    // On the bus the visit is no secret: the holder has a grant for it.
    return new AppError(error.code === 'not_found' ? 'forbidden' : error.code);
  }
  if (error instanceof AppError) return error;
  if (isDatabaseUnreachable(error)) return new AppError('unavailable', { cause: error });
  context.events.failed({ error, subject });
  return new AppError('internal', { cause: error });
};

/** Answers signaling's calls (`VISIT_METHODS`). */
export const serveVisits = (context: CoreContext, services: VisitServices): BusSubscription => {
  const { grants, decisions, presence, messages } = services;
  const subscriptions: BusSubscription[] = [];
  const answer = <Params extends z.ZodType, Result extends z.ZodType>(
    method: Method<Params, Result>,
    handler: (params: z.output<Params>) => Promise<z.input<Result>>,
  ): void => {
    const guarded = async (params: z.output<Params>): Promise<z.input<Result>> => {
      try {
        return await handler(params);
      } catch (error) {
        throw await answerable(context, error, method.subject);
      }
    };
    subscriptions.push(serve(context.bus satisfies Bus, method, guarded, { errors: busErrors }));
  };
  const done = async (act: Promise<unknown>): Promise<Record<string, never>> => {
    await act;
    return {};
  };

  answer(VISIT_METHODS.redeemGrant, (holder) => grants.redeem(holder));
  answer(VISIT_METHODS.renewGrant, (holder) => grants.renew(holder));
  answer(VISIT_METHODS.setPresence, ({ presence: told, connected, ...holder }) =>
    done(
      presence.set(holderOf(holder, { late: told === 'absent' }), holder.encounterId, { presence: told, connected }),
    ),
  );
  answer(VISIT_METHODS.leave, (holder) => done(presence.leave(holderOf(holder, { late: true }), holder.encounterId)));
  answer(VISIT_METHODS.admit, ({ patientId, ...holder }) =>
    done(decisions.admit(holderOf(holder), holder.encounterId, patientId)),
  );
  answer(VISIT_METHODS.sendBack, ({ patientId, ...holder }) =>
    done(decisions.sendBack(holderOf(holder), holder.encounterId, patientId)),
  );
  answer(VISIT_METHODS.end, (holder) => done(decisions.end(holderOf(holder), holder.encounterId)));
  answer(VISIT_METHODS.recordMute, ({ mutedId, ...holder }) =>
    done(decisions.recordMute(holderOf(holder), holder.encounterId, mutedId)),
  );
  answer(VISIT_METHODS.sendMessage, async ({ clientMessageId, text, ...holder }) => ({
    message: await messages.send(holderOf(holder), holder.encounterId, { clientMessageId, text }),
  }));
  answer(VISIT_METHODS.listMessages, async (holder) => ({
    messages: await messages.list(
      await holderOf(holder)(
        context.database.asSystem('visit', { encounterId: holder.encounterId }).db,
        new Date(context.clock()),
      ),
      holder.encounterId,
    ),
  }));
  return { close: () => subscriptions.forEach((subscription) => void subscription.close()) };
};
