import { EncounterId, Grant, GrantId } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { noContent, problems } from '../http/route-schema.ts';
import type { Grants } from './service.ts';
import type { SigningKey } from './signing-key.ts';

export const grantRoutes = (app: App, { grants, key }: { readonly grants: Grants; readonly key: SigningKey }): void => {
  app.post(
    '/api/v1/encounters/:encounterId/grant',
    {
      config: { action: 'encounter.grant', rate: 'grant' },
      schema: {
        summary: 'A room grant for a visit: good once, for minutes, in this browser session.',
        params: z.object({ encounterId: EncounterId }),
        response: { 201: Grant, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await grants.issue(callerOf(request), request.params.encounterId)),
  );

  app.delete(
    '/api/v1/grants/:grantId',
    {
      config: { action: 'grant.revoke', rate: 'write' },
      schema: {
        summary: 'Withdraws a grant; who used it is out of the visit.',
        params: z.object({ grantId: GrantId }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await grants.revoke(callerOf(request), request.params.grantId);
      return reply.code(204).send();
    },
  );

  app.get(
    '/.well-known/jwks.json',
    { config: { action: 'public', rate: 'read' }, schema: { hide: true } },
    async () => ({ keys: [key.publicJwk] }),
  );
};
