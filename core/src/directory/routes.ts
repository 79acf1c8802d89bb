import { PatientList, PatientQuery, ProviderList, ProviderQuery, SpecialtyList } from '@bedside/protocol';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import { searchPatients } from './patient-search.ts';
import { listProviders, listSpecialties, providerPlace } from './provider-store.ts';

/** Providers on a page. */
const PAGE = 200;

export const directoryRoutes = (app: App, context: CoreContext): void => {
  const { database } = context;
  const config = { action: 'directory.read', rate: 'read' } as const;

  app.get(
    '/api/v1/providers',
    {
      config,
      schema: {
        summary: 'Those whom one can book, by name; with `search`, those whose name has it in it.',
        querystring: ProviderQuery,
        response: { 200: ProviderList, ...problems },
      },
    },
    async (request) => {
      const { specialty, search, cursor } = request.query;
      const providers = await listProviders(database.as(callerOf(request)).db, callerOf(request).who.organizationId, {
        specialty,
        search,
        after: providerPlace(cursor),
        count: PAGE + 1,
      });
      const next = providers.length > PAGE ? providers[PAGE - 1]?.id : undefined;
      return { providers: providers.slice(0, PAGE), ...(next === undefined ? {} : { next }) };
    },
  );

  app.get(
    '/api/v1/specialties',
    { config, schema: { summary: 'What providers are asked about.', response: { 200: SpecialtyList, ...problems } } },
    async (request) => ({
      specialties: await listSpecialties(database.as(callerOf(request)).db, callerOf(request).who.organizationId),
    }),
  );

  // What is searched for is a part of a name, and no name stands in an address (SPEC API6).
  app.post(
    '/api/v1/patients/search',
    {
      config: { action: 'patients.search', rate: 'read' },
      schema: {
        summary: 'Patients by a part of their name, for staff who book for somebody.',
        body: PatientQuery,
        response: { 200: PatientList, ...problems },
      },
    },
    async (request) => ({ patients: await searchPatients(context, callerOf(request), request.body) }),
  );
};
