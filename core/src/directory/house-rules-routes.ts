import {
  CompactList,
  DailyCapList,
  HolidayList,
  LicenseList,
  PayerList,
  PayerRuleList,
  PersonId,
} from '@bedside/protocol';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { noContent, problems } from '../http/route-schema.ts';
import type { HouseRules } from './house-rules.ts';
import { listCompactMembers, listDailyCaps, listHolidays, listPayerRules, listPayers } from './house-rules-store.ts';
import { licensesOf } from './license-store.ts';
import { listVersion } from './list-version.ts';
import { requireProvider } from './provider-access.ts';

const params = z.object({ providerId: PersonId });
const read = { action: 'rules.read', rate: 'read' } as const;
const write = { action: 'rules.write', rate: 'write', stepUp: true } as const;
/** Whole lists: two thousand entries of a compact are longer than what other bodies may be. */
const bodyLimit = 1_048_576;

export const houseRulesRoutes = (app: App, context: CoreContext, rules: HouseRules): void => {
  const dbOf = (request: FastifyRequest) => context.database.as(callerOf(request)).db;

  app.get(
    '/api/v1/payers',
    {
      config: { action: 'directory.read', rate: 'read' },
      schema: { summary: 'Payers that can be named for a visit.', response: { 200: PayerList, ...problems } },
    },
    async (request) => ({ payers: await listPayers(dbOf(request), callerOf(request).who.organizationId) }),
  );

  app.get(
    '/api/v1/holidays',
    { config: read, schema: { summary: 'When the house is closed.', response: { 200: HolidayList, ...problems } } },
    async (request) => {
      const holidays = await listHolidays(dbOf(request), callerOf(request).who.organizationId);
      return { version: listVersion(holidays), holidays };
    },
  );
  app.put(
    '/api/v1/holidays',
    {
      config: write,
      bodyLimit,
      schema: {
        summary: 'Replaces the holidays, if they are still those of the version.',
        body: HolidayList,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await rules.setHolidays(callerOf(request), request.body);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/compacts',
    {
      config: read,
      schema: { summary: 'Which states a licence compact covers.', response: { 200: CompactList, ...problems } },
    },
    async (request) => {
      const members = await listCompactMembers(dbOf(request), callerOf(request).who.organizationId);
      return { version: listVersion(members), members };
    },
  );
  app.put(
    '/api/v1/compacts',
    {
      config: write,
      bodyLimit,
      schema: {
        summary: 'Replaces the compacts, if they are still those of the version.',
        body: CompactList,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await rules.setCompactMembers(callerOf(request), request.body);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/payer-rules',
    { config: read, schema: { summary: 'What payers pay for.', response: { 200: PayerRuleList, ...problems } } },
    async (request) => {
      const rules = await listPayerRules(dbOf(request), callerOf(request).who.organizationId);
      return { version: listVersion(rules), rules };
    },
  );
  app.put(
    '/api/v1/payer-rules',
    {
      config: write,
      bodyLimit,
      schema: {
        summary: 'Replaces the payer rules, if they are still those of the version.',
        body: PayerRuleList,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await rules.setPayerRules(callerOf(request), request.body);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/providers/:providerId/licenses',
    {
      config: read,
      schema: { summary: 'A provider’s licences.', params, response: { 200: LicenseList, ...problems } },
    },
    async (request) => {
      const { providerId } = request.params;
      await requireProvider(context, { caller: callerOf(request), action: 'rules.read', providerId });
      const licenses = await licensesOf(dbOf(request), providerId);
      return { version: listVersion(licenses), licenses };
    },
  );
  app.put(
    '/api/v1/providers/:providerId/licenses',
    {
      config: write,
      schema: {
        summary: 'Replaces a provider’s licences, if they are still those of the version. What is booked stays.',
        params,
        body: LicenseList,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await rules.setLicenses(callerOf(request), request.params.providerId, request.body);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/providers/:providerId/daily-caps',
    {
      config: read,
      schema: { summary: 'Most visits of a provider’s day.', params, response: { 200: DailyCapList, ...problems } },
    },
    async (request) => {
      const { providerId } = request.params;
      await requireProvider(context, { caller: callerOf(request), action: 'rules.read', providerId });
      const caps = await listDailyCaps(dbOf(request), providerId);
      return { version: listVersion(caps), caps };
    },
  );
  app.put(
    '/api/v1/providers/:providerId/daily-caps',
    {
      config: write,
      schema: {
        summary: 'Replaces the most visits of a provider’s day, if they are still those of the version.',
        params,
        body: DailyCapList,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await rules.setDailyCaps(callerOf(request), request.params.providerId, request.body);
      return reply.code(204).send();
    },
  );
};
