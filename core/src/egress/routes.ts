import { randomUUID } from 'node:crypto';
import { AgreementId, AgreementList, AgreementRequest, IDEMPOTENCY_HEADER } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, noContent, problems } from '../http/route-schema.ts';
import type { Agreements } from './agreements.ts';

const write = { action: 'agreement.write', rate: 'write', stepUp: true } as const;

export const agreementRoutes = (app: App, agreements: Agreements): void => {
  app.get(
    '/api/v1/agreements',
    {
      config: { action: 'agreement.read', rate: 'read' },
      schema: {
        summary: 'Who may be sent what of patients, newest first, ended ones too.',
        response: { 200: AgreementList, ...problems },
      },
    },
    async (request) => ({ agreements: await agreements.list(callerOf(request)) }),
  );

  app.post(
    '/api/v1/agreements',
    {
      config: write,
      schema: {
        summary:
          'Records that a host may be sent such data: by a business associate agreement, or because it is one’s own.',
        headers: idempotent,
        body: AgreementRequest,
        response: { 201: z.object({ id: AgreementId }), ...problems },
      },
    },
    async (request, reply) => {
      const id = await agreements.record(callerOf(request), AgreementId.parse(randomUUID()), {
        request: request.body,
        idempotencyKey: request.headers[IDEMPOTENCY_HEADER],
      });
      return reply.code(201).send({ id });
    },
  );

  app.post(
    '/api/v1/agreements/:agreementId/end',
    {
      config: write,
      schema: {
        summary: 'Ends an agreement now.',
        params: z.object({ agreementId: AgreementId }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await agreements.end(callerOf(request), request.params.agreementId);
      return reply.code(204).send();
    },
  );
};
