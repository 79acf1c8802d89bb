import { SlotPage, SlotQuery } from '@bedside/protocol';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { SlotSearch } from './slot-search.ts';

export const slotRoutes = (app: App, search: SlotSearch): void => {
  app.get(
    '/api/v1/slots',
    {
      config: { action: 'slots.read', rate: 'read' },
      schema: {
        summary: 'Free times, soonest day first.',
        querystring: SlotQuery,
        response: { 200: SlotPage, ...problems },
      },
    },
    async (request) => search.search(callerOf(request), request.query),
  );
};
