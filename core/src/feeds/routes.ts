import {
  CalendarFeed,
  CalendarFeedList,
  CalendarFeedRequest,
  IDEMPOTENCY_HEADER,
  IdempotencyKey,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf, originOf } from '../http/app.ts';
import { noContent, problems } from '../http/route-schema.ts';
import type { CalendarFeeds } from './service.ts';

export const feedRoutes = (app: App, feeds: CalendarFeeds): void => {
  app.get(
    '/api/v1/calendar-feeds',
    {
      config: { action: 'feeds.read', rate: 'read' },
      schema: { summary: 'One’s own calendar feeds.', response: { 200: CalendarFeedList, ...problems } },
    },
    async (request) => ({ feeds: await feeds.list(callerOf(request)) }),
  );

  app.post(
    '/api/v1/calendar-feeds',
    {
      config: { action: 'feeds.write', rate: 'write' },
      schema: {
        summary: 'Makes a calendar feed; its address is told this once.',
        headers: z.object({ [IDEMPOTENCY_HEADER]: IdempotencyKey.optional() }),
        body: CalendarFeedRequest,
        response: { 201: CalendarFeed, ...problems },
      },
    },
    async (request, reply) => {
      const feed = await feeds.create(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(feed);
    },
  );

  app.delete(
    '/api/v1/calendar-feeds/:feedId',
    {
      config: { action: 'feeds.write', rate: 'write' },
      schema: {
        summary: 'Ends a calendar feed.',
        params: z.object({ feedId: z.uuid() }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await feeds.revoke(callerOf(request), request.params.feedId);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/feeds/:secret.ics',
    {
      config: { action: 'public', rate: 'read' },
      schema: {
        summary: 'A calendar as RFC 5545 has it, for whoever knows its address.',
        params: z.object({ secret: z.string() }),
        produces: ['text/calendar'],
        response: { 200: z.string(), ...problems },
      },
    },
    async (request, reply) => {
      const calendar = await feeds.read(request.params.secret, originOf(request));
      return reply.type('text/calendar; charset=utf-8').send(calendar);
    },
  );
};
