import {
  AcceptOfferRequest,
  Appointment,
  IDEMPOTENCY_HEADER,
  IdempotencyKey,
  PersonId,
  WaitlistEntry,
  WaitlistEntryId,
  WaitlistList,
  WaitlistRequest,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { Waitlist } from './service.ts';

const params = z.object({ entryId: WaitlistEntryId });
const headers = z.object({ [IDEMPOTENCY_HEADER]: IdempotencyKey.optional() });
/** `position` of the last entry of the page before. */
const Paged = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});

export const waitlistRoutes = (app: App, waitlist: Waitlist): void => {
  const write = { action: 'waitlist.write', rate: 'write' } as const;

  app.get(
    '/api/v1/waitlist',
    {
      config: { action: 'waitlist.read', rate: 'read' },
      schema: {
        summary: 'One’s own places in line, the latest first; for the desk the whole line, the first first.',
        querystring: Paged,
        response: { 200: WaitlistList, ...problems },
      },
    },
    async (request) => waitlist.list(callerOf(request), request.query.cursor),
  );

  app.get(
    '/api/v1/patients/:patientId/waitlist',
    {
      config: { action: 'waitlist.ofPatient', rate: 'read' },
      schema: {
        summary: 'A patient’s places in line, the latest first, for whoever books for them.',
        params: z.object({ patientId: PersonId }),
        querystring: Paged,
        response: { 200: WaitlistList, ...problems },
      },
    },
    async (request) => waitlist.ofPatient(callerOf(request), request.params.patientId, request.query.cursor),
  );

  app.post(
    '/api/v1/waitlist',
    {
      config: write,
      schema: {
        summary: 'Takes a place in line for times that become free.',
        headers,
        body: WaitlistRequest,
        response: { 201: WaitlistEntry, ...problems },
      },
    },
    async (request, reply) => {
      const entry = await waitlist.join(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(entry);
    },
  );

  app.post(
    '/api/v1/waitlist/:entryId/accept',
    {
      config: write,
      schema: {
        summary: 'Books the time that is offered.',
        params,
        headers,
        body: AcceptOfferRequest,
        response: { 201: Appointment, ...problems },
      },
    },
    async (request, reply) => {
      const appointment = await waitlist.accept(callerOf(request), request.params.entryId, {
        answers: request.body.answers,
        key: request.headers[IDEMPOTENCY_HEADER],
      });
      return reply.code(201).send(appointment);
    },
  );

  app.post(
    '/api/v1/waitlist/:entryId/decline',
    {
      config: write,
      schema: {
        summary: 'Lets the offered time go to the next; the place in line stays.',
        params,
        response: { 200: WaitlistEntry, ...problems },
      },
    },
    async (request) => waitlist.decline(callerOf(request), request.params.entryId),
  );

  app.post(
    '/api/v1/waitlist/:entryId/withdraw',
    {
      config: write,
      schema: { summary: 'Gives the place in line up.', params, response: { 200: WaitlistEntry, ...problems } },
    },
    async (request) => waitlist.withdraw(callerOf(request), request.params.entryId),
  );
};
