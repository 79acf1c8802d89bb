import {
  Appointment,
  AppointmentId,
  AppointmentList,
  AppointmentSeries,
  BookRequest,
  CancelRequest,
  GroupSessionRequest,
  IDEMPOTENCY_HEADER,
  NoShowRequest,
  PersonId,
  RescheduleRequest,
  SeriesRequest,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, problems } from '../http/route-schema.ts';
import type { Appointments } from './appointments.ts';
import type { Bookings } from './booking.ts';
import type { GroupSessions } from './groups.ts';
import type { PatientVisits } from './patient-visits.ts';
import type { Series } from './series.ts';

const params = z.object({ appointmentId: AppointmentId });
const Paged = z.strictObject({ cursor: z.string().max(100).optional() });

export interface AppointmentServices {
  readonly appointments: Appointments;
  readonly bookings: Bookings;
  readonly series: Series;
  readonly groups: GroupSessions;
  readonly patientVisits: PatientVisits;
}

export const appointmentRoutes = (app: App, services: AppointmentServices): void => {
  const { appointments, bookings, series, groups, patientVisits } = services;
  app.get(
    '/api/v1/appointments',
    {
      config: { action: 'appointments.list', rate: 'read' },
      schema: {
        summary: 'One’s own next visits as a patient, 50 a page.',
        querystring: Paged,
        response: { 200: AppointmentList, ...problems },
      },
    },
    async (request) => appointments.own(callerOf(request), request.query.cursor),
  );

  app.get(
    '/api/v1/patients/:patientId/appointments',
    {
      config: { action: 'appointments.ofPatient', rate: 'read' },
      schema: {
        summary: 'A patient’s visits, past ones too, newest first and 50 a page, as far as one may read them.',
        params: z.object({ patientId: PersonId }),
        querystring: Paged,
        response: { 200: AppointmentList, ...problems },
      },
    },
    async (request) => patientVisits.list(callerOf(request), request.params.patientId, request.query.cursor),
  );

  app.get(
    '/api/v1/appointments/:appointmentId',
    {
      config: { action: 'appointment.read', rate: 'read' },
      schema: { summary: 'A visit as booked.', params, response: { 200: Appointment, ...problems } },
    },
    async (request) => appointments.read(callerOf(request), request.params.appointmentId),
  );

  app.post(
    '/api/v1/appointments',
    {
      config: { action: 'appointment.book', rate: 'write' },
      schema: {
        summary: 'Books what is held, or a free time at once.',
        headers: idempotent,
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
        summary: 'Cancels a visit that did not begin, or gives back one patient’s seat in a session.',
        params,
        body: CancelRequest,
        response: { 200: Appointment, ...problems },
      },
    },
    async (request) => appointments.cancel(callerOf(request), request.params.appointmentId, request.body),
  );

  app.post(
    '/api/v1/appointments/:appointmentId/reschedule',
    {
      config: { action: 'appointment.reschedule', rate: 'write' },
      schema: {
        summary: 'Moves a visit to another time, or to another provider.',
        params,
        headers: idempotent,
        body: RescheduleRequest,
        response: { 201: Appointment, ...problems },
      },
    },
    async (request, reply) => {
      const { appointmentId } = request.params;
      const key = request.headers[IDEMPOTENCY_HEADER];
      return reply.code(201).send(await appointments.reschedule(callerOf(request), appointmentId, request.body, key));
    },
  );

  app.post(
    '/api/v1/appointments/:appointmentId/no-show',
    {
      config: { action: 'appointment.noShow', rate: 'write' },
      schema: {
        summary: 'Notes that the patient did not come.',
        params,
        body: NoShowRequest,
        response: { 200: Appointment, ...problems },
      },
    },
    async (request) => appointments.noShow(callerOf(request), request.params.appointmentId, request.body.version),
  );

  app.post(
    '/api/v1/appointment-series',
    {
      config: { action: 'series.book', rate: 'write' },
      schema: {
        summary: 'Books every occurrence of a series, or none.',
        headers: idempotent,
        body: SeriesRequest,
        response: { 201: AppointmentSeries, ...problems },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await series.book(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER])),
  );

  app.post(
    '/api/v1/group-sessions',
    {
      config: { action: 'group.create', rate: 'write' },
      schema: {
        summary: 'Sets up a session whose seats patients then take.',
        headers: idempotent,
        body: GroupSessionRequest,
        response: { 201: Appointment, ...problems },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await groups.create(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER])),
  );
};
