import { randomUUID } from 'node:crypto';
import { IDEMPOTENCY_HEADER, PayerId, PayerSettings } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, problems } from '../http/route-schema.ts';
import type { Payers } from './payer-service.ts';

const Kept = PayerSettings.extend({ id: PayerId });
const write = { action: 'rules.write', rate: 'write' } as const;

export const payerRoutes = (app: App, payers: Payers): void => {
  app.get(
    '/api/v1/payers/settings',
    {
      config: { action: 'rules.read', rate: 'read' },
      schema: {
        summary: 'All payers, those that can be named for no visit any more too.',
        response: { 200: z.object({ payers: z.array(Kept) }), ...problems },
      },
    },
    async (request) => ({ payers: await payers.list(callerOf(request)) }),
  );

  app.post(
    '/api/v1/payers',
    {
      config: write,
      schema: {
        summary: 'A new payer.',
        headers: idempotent,
        body: PayerSettings,
        response: { 201: Kept, ...problems },
      },
    },
    async (request, reply) => {
      const id = await payers.create(callerOf(request), PayerId.parse(randomUUID()), {
        settings: request.body,
        idempotencyKey: request.headers[IDEMPOTENCY_HEADER],
      });
      return reply.code(201).send({ ...request.body, id });
    },
  );

  app.put(
    '/api/v1/payers/:payerId',
    {
      config: write,
      schema: {
        summary: 'Renames a payer, or says whether it can be named for visits. What is booked stays.',
        params: z.object({ payerId: PayerId }),
        body: PayerSettings,
        response: { 200: Kept, ...problems },
      },
    },
    async (request) => {
      const { payerId } = request.params;
      await payers.replace(callerOf(request), payerId, request.body);
      return { ...request.body, id: payerId };
    },
  );
};
