import { randomUUID } from 'node:crypto';
import { IDEMPOTENCY_HEADER, VisitTypeId, VisitTypeList, VisitTypeSettings } from '@bedside/protocol';
import { z } from 'zod';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, problems } from '../http/route-schema.ts';
import type { VisitTypes } from './visit-type-service.ts';
import { listVisitTypeSettings, listVisitTypes } from './visit-type-store.ts';

const Kept = VisitTypeSettings.extend({ id: VisitTypeId });
const write = { action: 'rules.write', rate: 'write', stepUp: true } as const;

export const visitTypeRoutes = (app: App, { database }: CoreContext, visitTypes: VisitTypes): void => {
  app.get(
    '/api/v1/visit-types',
    {
      config: { action: 'directory.read', rate: 'read' },
      schema: { summary: 'What one can book.', response: { 200: VisitTypeList, ...problems } },
    },
    async (request) => ({
      visitTypes: await listVisitTypes(database.as(callerOf(request)).db, callerOf(request).who.organizationId),
    }),
  );

  app.get(
    '/api/v1/visit-types/settings',
    {
      config: { action: 'rules.read', rate: 'read' },
      schema: {
        summary: 'All visit types with all there is to set, those that cannot be booked too.',
        response: { 200: z.object({ visitTypes: z.array(Kept) }), ...problems },
      },
    },
    async (request) => ({
      visitTypes: await listVisitTypeSettings(database.as(callerOf(request)).db, callerOf(request).who.organizationId),
    }),
  );

  app.post(
    '/api/v1/visit-types',
    {
      config: write,
      schema: {
        summary: 'A new visit type.',
        headers: idempotent,
        body: VisitTypeSettings,
        response: { 201: Kept, ...problems },
      },
    },
    async (request, reply) => {
      const id = await visitTypes.create(callerOf(request), VisitTypeId.parse(randomUUID()), {
        settings: request.body,
        idempotencyKey: request.headers[IDEMPOTENCY_HEADER],
      });
      return reply.code(201).send({ ...request.body, id });
    },
  );

  app.put(
    '/api/v1/visit-types/:visitTypeId',
    {
      config: write,
      schema: {
        summary: 'Replaces a visit type’s settings. What is booked stays.',
        params: z.object({ visitTypeId: VisitTypeId }),
        body: VisitTypeSettings,
        response: { 200: Kept, ...problems },
      },
    },
    async (request) => {
      const { visitTypeId } = request.params;
      await visitTypes.replace(callerOf(request), visitTypeId, request.body);
      return { ...request.body, id: visitTypeId };
    },
  );
};
