import { CalendarPage, CalendarQuery } from '@bedside/protocol';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { Calendars } from './calendar.ts';

export const calendarRoutes = (app: App, calendars: Calendars): void => {
  app.get(
    '/api/v1/calendar',
    {
      config: { action: 'calendar.read', rate: 'read' },
      schema: {
        summary: 'What is open and booked: one’s own, or everybody’s for those who keep calendars.',
        querystring: CalendarQuery,
        response: { 200: CalendarPage, ...problems },
      },
    },
    async (request) => calendars.read(callerOf(request), request.query),
  );
};
