import { IdentifierRequest, PatientIdentifier, PatientIdentifierList, PatientList, PersonId } from '@bedside/protocol';
import { z } from 'zod';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { noContent, problems } from '../http/route-schema.ts';
import type { Identifiers } from './identifiers.ts';
import { searchPatients } from './patient-search.ts';

const OfPatient = z.object({ patientId: PersonId });

export const identifierRoutes = (app: App, context: CoreContext, identifiers: Identifiers): void => {
  // By POST: what a patient is known by stands in no address (SPEC API6).
  app.post(
    '/api/v1/patients/search-by-identifier',
    {
      config: { action: 'patients.search', rate: 'read' },
      schema: {
        summary: 'The patient whom others know by an identifier, for staff.',
        body: IdentifierRequest,
        response: { 200: PatientList, ...problems },
      },
    },
    async (request) => ({
      patients: await searchPatients(context, callerOf(request), { identifier: request.body }),
    }),
  );

  app.get(
    '/api/v1/patients/:patientId/identifiers',
    {
      config: { action: 'identifiers.read', rate: 'read' },
      schema: {
        summary: 'What others know a patient by.',
        params: OfPatient,
        response: { 200: PatientIdentifierList, ...problems },
      },
    },
    async (request) => ({ identifiers: await identifiers.list(callerOf(request), request.params.patientId) }),
  );

  app.post(
    '/api/v1/patients/:patientId/identifiers',
    {
      config: { action: 'identifiers.write', rate: 'write' },
      schema: {
        summary: 'Notes what others know a patient by.',
        params: OfPatient,
        body: IdentifierRequest,
        response: { 201: PatientIdentifier, ...problems },
      },
    },
    async (request, reply) => {
      const made = await identifiers.add(callerOf(request), request.params.patientId, request.body);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/api/v1/patients/:patientId/identifiers/:identifierId',
    {
      config: { action: 'identifiers.write', rate: 'write' },
      schema: {
        summary: 'Takes an identifier out of a patient’s record.',
        params: OfPatient.extend({ identifierId: z.uuid() }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      const { patientId, identifierId } = request.params;
      await identifiers.remove(callerOf(request), patientId, identifierId);
      return reply.code(204).send();
    },
  );
};
