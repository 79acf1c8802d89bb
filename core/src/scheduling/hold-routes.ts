import { Hold, HoldId, HoldList, HoldRequest, HoldToken, IDEMPOTENCY_HEADER } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { done, idempotent, problems } from '../http/route-schema.ts';
import type { Holds } from './holds.ts';

export const holdRoutes = (app: App, holds: Holds): void => {
  const params = z.object({ holdId: HoldId });

  app.get(
    '/api/v1/holds',
    {
      config: { action: 'hold.read', rate: 'read' },
      schema: { summary: 'What one holds now, soonest over first.', response: { 200: HoldList, ...problems } },
    },
    async (request) => ({ holds: await holds.list(callerOf(request)) }),
  );

  app.post(
    '/api/v1/holds',
    {
      config: { action: 'hold.make', rate: 'write' },
      schema: {
        summary: 'Keeps a free time for 10 minutes.',
        headers: idempotent,
        body: HoldRequest,
        response: { 201: Hold, ...problems },
      },
    },
    async (request, reply) => {
      const hold = await holds.make(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(hold);
    },
  );

  app.post(
    '/api/v1/holds/:holdId/extend',
    {
      config: { action: 'hold.change', rate: 'write' },
      schema: {
        summary: 'Prolongs a hold by 10 minutes, once.',
        params,
        body: HoldToken,
        response: { 200: Hold, ...problems },
      },
    },
    async (request) => holds.extend(callerOf(request), request.params.holdId, request.body.token),
  );

  app.post(
    '/api/v1/holds/:holdId/release',
    {
      config: { action: 'hold.change', rate: 'write' },
      schema: {
        summary: 'Lets a held time go.',
        params,
        body: HoldToken,
        response: { 200: done, ...problems },
      },
    },
    async (request) => {
      await holds.release(callerOf(request), request.params.holdId, request.body.token);
      return {};
    },
  );
};
