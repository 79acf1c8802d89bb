import { AppError, PersonId, ProviderList, ProviderQuery, SpecialtyList, VisitTypeList } from '@bedside/protocol';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import { listProviders, listSpecialties } from './provider-store.ts';
import { listVisitTypes } from './visit-type-store.ts';

/** Providers on a page. */
const PAGE = 200;

const placeOf = (cursor: string | undefined): PersonId | undefined => {
  if (cursor === undefined) return undefined;
  const place = PersonId.safeParse(cursor);
  if (!place.success) throw new AppError('bad_request', { detail: 'cursor: must be the `next` of an earlier page.' });
  return place.data;
};

export const directoryRoutes = (app: App, { database }: CoreContext): void => {
  const config = { action: 'directory.read', rate: 'read' } as const;

  app.get(
    '/api/v1/providers',
    {
      config,
      schema: {
        summary: 'Those whom one can book, by name.',
        querystring: ProviderQuery,
        response: { 200: ProviderList, ...problems },
      },
    },
    async (request) => {
      const { specialty, cursor } = request.query;
      const providers = await listProviders(database.db, callerOf(request).who.organizationId, {
        specialty,
        after: placeOf(cursor),
        count: PAGE + 1,
      });
      const next = providers.length > PAGE ? providers[PAGE - 1]?.id : undefined;
      return { providers: providers.slice(0, PAGE), ...(next === undefined ? {} : { next }) };
    },
  );

  app.get(
    '/api/v1/specialties',
    { config, schema: { summary: 'What providers are asked about.', response: { 200: SpecialtyList, ...problems } } },
    async (request) => ({ specialties: await listSpecialties(database.db, callerOf(request).who.organizationId) }),
  );

  app.get(
    '/api/v1/visit-types',
    { config, schema: { summary: 'What one can book.', response: { 200: VisitTypeList, ...problems } } },
    async (request) => ({ visitTypes: await listVisitTypes(database.db, callerOf(request).who.organizationId) }),
  );
};
