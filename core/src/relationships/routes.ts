import {
  CareTeamRequest,
  CoverRequest,
  EmergencyAccessRequest,
  MadeRelationship,
  PersonId,
  ProxyRequest,
  Relationships as RelationshipList,
  RelationshipQuery,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { noContent, problems } from '../http/route-schema.ts';
import type { Relationships } from './service.ts';

const params = z.object({ id: z.uuid() });
const made = { 201: MadeRelationship, ...problems };
const ended = { 204: noContent, ...problems };

export const relationshipRoutes = (app: App, relationships: Relationships): void => {
  app.get(
    '/api/v1/relationships',
    {
      config: { action: 'relationships.read', rate: 'read' },
      schema: {
        summary: 'Proxies, care teams, cover and emergency access in force, as far as one may know of them.',
        querystring: RelationshipQuery,
        response: { 200: RelationshipList, ...problems },
      },
    },
    async (request) => {
      const { over, patientId } = request.query;
      return relationships.list(callerOf(request), { withOver: over === 'yes', ofPatient: patientId });
    },
  );

  app.post(
    '/api/v1/proxies',
    {
      config: { action: 'proxy.write', rate: 'write' },
      schema: { summary: 'Lets somebody act for a patient.', body: ProxyRequest, response: made },
    },
    async (request, reply) => reply.code(201).send(await relationships.addProxy(callerOf(request), request.body)),
  );
  app.delete(
    '/api/v1/proxies/:id',
    {
      config: { action: 'proxy.end', rate: 'write' },
      schema: { summary: 'Ends that somebody acts for a patient.', params, response: ended },
    },
    async (request, reply) => {
      await relationships.endProxy(callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/care-team',
    {
      config: { action: 'careTeam.write', rate: 'write' },
      schema: { summary: 'Puts a provider on a patient’s care team.', body: CareTeamRequest, response: made },
    },
    async (request, reply) => reply.code(201).send(await relationships.addToCareTeam(callerOf(request), request.body)),
  );
  app.delete(
    '/api/v1/care-team/:id',
    {
      config: { action: 'careTeam.write', rate: 'write' },
      schema: { summary: 'Takes a provider off a patient’s care team.', params, response: ended },
    },
    async (request, reply) => {
      await relationships.endCareTeam(callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/covers',
    {
      config: { action: 'cover.write', rate: 'write' },
      schema: { summary: 'Has a provider stand in for another.', body: CoverRequest, response: made },
    },
    async (request, reply) => reply.code(201).send(await relationships.addCover(callerOf(request), request.body)),
  );
  app.delete(
    '/api/v1/covers/:id',
    {
      config: { action: 'cover.write', rate: 'write' },
      schema: { summary: 'Ends that a provider stands in for another.', params, response: ended },
    },
    async (request, reply) => {
      await relationships.endCover(callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/patients/:patientId/emergency-access',
    {
      config: { action: 'emergency.open', rate: 'write', stepUp: true },
      schema: {
        summary: 'Break-glass: opens a record to be read, for minutes, with a reason that compliance looks at.',
        params: z.object({ patientId: PersonId }),
        body: EmergencyAccessRequest,
        response: made,
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(await relationships.openInEmergency(callerOf(request), request.params.patientId, request.body)),
  );
  app.delete(
    '/api/v1/emergency-access/:id',
    {
      config: { action: 'emergency.end', rate: 'write' },
      schema: { summary: 'Ends one’s emergency access before its minutes are over.', params, response: ended },
    },
    async (request, reply) => {
      await relationships.endEmergency(callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
};
