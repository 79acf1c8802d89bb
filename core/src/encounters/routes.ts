import { Day, EncounterId, EncounterView, LocalDate, MessageList, PersonId } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { done, problems } from '../http/route-schema.ts';
import type { DayFeed } from './day-feed.ts';
import type { Decisions } from './decisions.ts';
import type { Messages } from './messages.ts';
import type { VisitViews } from './views.ts';

const params = z.object({ encounterId: EncounterId });
const PersonChoice = z.strictObject({ personId: PersonId });

export interface EncounterRoutesOptions {
  readonly views: VisitViews;
  readonly decisions: Decisions;
  readonly messages: Messages;
  readonly feed: DayFeed;
}

export const encounterRoutes = (app: App, { views, decisions, messages, feed }: EncounterRoutesOptions): void => {
  app.get(
    '/api/v1/encounters/:encounterId',
    {
      config: { action: 'encounter.read', rate: 'read' },
      schema: { summary: 'A visit and its people.', params, response: { 200: EncounterView, ...problems } },
    },
    async (request) => views.encounter(callerOf(request), request.params.encounterId),
  );

  app.get(
    '/api/v1/encounters/:encounterId/messages',
    {
      config: { action: 'encounter.messages', rate: 'read' },
      schema: {
        summary: 'The thread of a visit, its last 200 messages.',
        params,
        response: { 200: MessageList, ...problems },
      },
    },
    async (request) => ({ messages: await messages.list(callerOf(request), request.params.encounterId) }),
  );

  app.post(
    '/api/v1/encounters/:encounterId/admit',
    {
      config: { action: 'encounter.admit', rate: 'write' },
      schema: { summary: 'Lets somebody in.', params, body: PersonChoice, response: { 200: done, ...problems } },
    },
    async (request) => {
      const caller = callerOf(request);
      await decisions.admit(caller, request.params.encounterId, request.body.personId);
      return {};
    },
  );

  app.post(
    '/api/v1/encounters/:encounterId/send-back',
    {
      config: { action: 'encounter.sendBack', rate: 'write' },
      schema: {
        summary: 'Sends somebody back to the waiting room.',
        params,
        body: PersonChoice,
        response: { 200: done, ...problems },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      await decisions.sendBack(caller, request.params.encounterId, request.body.personId);
      return {};
    },
  );

  app.post(
    '/api/v1/encounters/:encounterId/end',
    {
      config: { action: 'encounter.end', rate: 'write' },
      schema: { summary: 'Ends a visit for all.', params, response: { 200: done, ...problems } },
    },
    async (request) => {
      const caller = callerOf(request);
      await decisions.end(caller, request.params.encounterId);
      return {};
    },
  );

  app.get(
    '/api/v1/day',
    {
      config: { action: 'day.read', rate: 'read' },
      schema: {
        summary: 'The provider’s visits of a day, in their zone.',
        querystring: z.object({ date: LocalDate.optional() }),
        response: { 200: Day, ...problems },
      },
    },
    async (request) => views.day(callerOf(request), request.query.date),
  );

  app.get(
    '/api/v1/day/events',
    {
      config: { action: 'day.read', rate: 'read' },
      schema: {
        summary: 'Server-sent events: `day-changed` when the day looks different.',
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      feed.open(callerOf(request), reply.raw);
      return reply.hijack();
    },
  );
};
