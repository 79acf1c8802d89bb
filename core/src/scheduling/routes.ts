import {
  Appointment,
  AppointmentId,
  BookRequest,
  CancelRequest,
  IDEMPOTENCY_HEADER,
  IdempotencyKey,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { Bookings } from './booking.ts';
import type { Scheduling } from './service.ts';

export const schedulingRoutes = (
  app: App,
  services: { readonly scheduling: Scheduling; readonly bookings: Bookings },
): void => {
  const { scheduling, bookings } = services;

  app.get(
    '/api/v1/appointments',
    {
      config: { action: 'appointments.list', rate: 'read' },
      schema: {
        summary: 'One’s own next visits as a patient.',
        response: { 200: z.object({ appointments: z.array(Appointment) }), ...problems },
      },
    },
    async (request) => ({ appointments: await scheduling.ownAppointments(callerOf(request)) }),
  );

  app.post(
    '/api/v1/appointments',
    {
      config: { action: 'appointment.book', rate: 'write' },
      schema: {
        summary: 'Books a free time.',
        headers: z.object({ [IDEMPOTENCY_HEADER]: IdempotencyKey.optional() }),
        body: BookRequest,
        response: { 201: Appointment, ...problems },
      },
    },
    async (request, reply) => {
      const appointment = await bookings.book(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(appointment);
    },
  );

  app.post(
    '/api/v1/appointments/:appointmentId/cancel',
    {
      config: { action: 'appointment.cancel', rate: 'write' },
      schema: {
        summary: 'Cancels a visit that did not begin.',
        params: z.object({ appointmentId: AppointmentId }),
        body: CancelRequest,
        response: { 200: Appointment, ...problems },
      },
    },
    async (request) => scheduling.cancel(callerOf(request), request.params.appointmentId, request.body),
  );
};
