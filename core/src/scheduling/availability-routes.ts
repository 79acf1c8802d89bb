import {
  Availability,
  AvailabilityChange,
  IDEMPOTENCY_HEADER,
  PersonId,
  TimeOff,
  TimeOffRequest,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, noContent, problems } from '../http/route-schema.ts';
import type { Availabilities } from './availability-service.ts';

const params = z.object({ providerId: PersonId });
const path = '/api/v1/providers/:providerId';

export const availabilityRoutes = (app: App, availabilities: Availabilities): void => {
  app.get(
    `${path}/availability`,
    {
      config: { action: 'availability.read', rate: 'read' },
      schema: { summary: 'When a provider can be booked.', params, response: { 200: Availability, ...problems } },
    },
    async (request) => availabilities.read(callerOf(request), request.params.providerId),
  );

  app.put(
    `${path}/availability`,
    {
      config: { action: 'availability.write', rate: 'write' },
      schema: {
        summary: 'Replaces a provider’s zone and rules. What is booked stays.',
        params,
        body: AvailabilityChange,
        response: { 200: Availability, ...problems },
      },
    },
    async (request) => availabilities.replace(callerOf(request), request.params.providerId, request.body),
  );

  app.post(
    `${path}/time-off`,
    {
      config: { action: 'availability.write', rate: 'write' },
      schema: {
        summary: 'Takes time off. What is booked stays.',
        params,
        headers: idempotent,
        body: TimeOffRequest,
        response: { 201: TimeOff, ...problems },
      },
    },
    async (request, reply) => {
      const ask = { request: request.body, idempotencyKey: request.headers[IDEMPOTENCY_HEADER] };
      return reply.code(201).send(await availabilities.addTimeOff(callerOf(request), request.params.providerId, ask));
    },
  );

  app.delete(
    `${path}/time-off/:timeOffId`,
    {
      config: { action: 'availability.write', rate: 'write' },
      schema: {
        summary: 'Takes time off back.',
        params: params.extend({ timeOffId: z.uuid() }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await availabilities.removeTimeOff(callerOf(request), request.params.providerId, request.params.timeOffId);
      return reply.code(204).send();
    },
  );
};
