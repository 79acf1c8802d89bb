import { Provider, VisitType } from '@bedside/protocol';
import { z } from 'zod';
import type { CoreContext } from '../context.ts';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import { listProviders, listVisitTypes } from './store.ts';

export const directoryRoutes = (app: App, { database }: CoreContext): void => {
  const config = { action: 'directory.read', rate: 'read' } as const;

  app.get(
    '/api/v1/providers',
    {
      config,
      schema: {
        summary: 'Those whom one can book.',
        response: { 200: z.object({ providers: z.array(Provider) }), ...problems },
      },
    },
    async (request) => ({ providers: await listProviders(database.db, callerOf(request).who.organizationId) }),
  );

  app.get(
    '/api/v1/visit-types',
    {
      config,
      schema: {
        summary: 'What one can book.',
        response: { 200: z.object({ visitTypes: z.array(VisitType) }), ...problems },
      },
    },
    async (request) => ({ visitTypes: await listVisitTypes(database.db, callerOf(request).who.organizationId) }),
  );
};
