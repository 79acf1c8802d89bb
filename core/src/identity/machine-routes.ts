import { AppError, IDEMPOTENCY_HEADER, NewServiceClient, PersonId, ServiceClient } from '@bedside/protocol';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CoreContext } from '../context.ts';
import { type App, callerOf, originOf, typed } from '../http/app.ts';
import { done, idempotent, problems } from '../http/route-schema.ts';
import { endFromBackChannel } from './back-channel-logout.ts';
import type { IdentityRoutesOptions } from './routes.ts';

const FORM = 'application/x-www-form-urlencoded';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A form whose fields come once each (RFC 6749 §3.2). */
const parseForm = (text: string): Record<string, string> | undefined => {
  const fields = [...new URLSearchParams(text)];
  const form = Object.fromEntries(fields);
  return Object.keys(form).length === fields.length ? form : undefined;
};

const TokenRequest = z.object({
  grant_type: z.string(),
  client_assertion_type: z.literal(ASSERTION_TYPE),
  client_assertion: z.string(),
  client_id: z.string().optional(),
  scope: z.string().max(4_000).optional(),
});
const LogoutRequest = z.object({ logout_token: z.string().min(1).max(10_000) });

/** OAuth's own shape of an error (RFC 6749 §5.2): who asks here speaks OAuth, not problem documents. */
const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply => reply.code(status).send({ error });

/** What other machines ask: tokens for themselves, and issuers that sessions end. No browser has business here. */
export const machineRoutes = (app: App, options: IdentityRoutesOptions & { context: CoreContext }): void => {
  const { context, identity, onSignOut } = options;
  const { machines } = identity;

  void app.register(async (plain) => {
    const scope = typed(plain);
    scope.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, parsed) =>
      parsed(null, parseForm(body.toString())),
    );
    const forMachines = {
      config: { action: 'public', rate: 'signIn', fromMachines: true },
      schema: { hide: true },
    } as const;

    scope.post('/auth/token', forMachines, async (request, reply) => {
      reply.header('pragma', 'no-cache');
      const form = TokenRequest.safeParse(request.body);
      if (!form.success) return refuse(reply, 400, 'invalid_request');
      const { grant_type: grantType, client_assertion: assertion, client_id: clientId } = form.data;
      if (grantType !== 'client_credentials') return refuse(reply, 400, 'unsupported_grant_type');
      const answer = await machines.issue({ assertion, clientId, scope: form.data.scope, origin: originOf(request) });
      if (answer.kind === 'refused') {
        reply.signInRefused = answer.error === 'invalid_client';
        return refuse(reply, answer.error === 'invalid_client' ? 401 : 400, answer.error);
      }
      return {
        access_token: answer.token,
        token_type: 'Bearer',
        expires_in: answer.expiresInSeconds,
        scope: answer.scope,
      };
    });

    scope.post(
      '/auth/backchannel-logout/:issuer',
      { ...forMachines, schema: { hide: true, params: z.object({ issuer: z.string().max(40) }) } },
      async (request, reply) => {
        const form = LogoutRequest.safeParse(request.body);
        if (!form.success) return refuse(reply, 400, 'invalid_request');
        try {
          const ended = await endFromBackChannel(
            { context, issuers: identity.issuers, sessions: identity.sessions },
            { issuerId: request.params.issuer, token: form.data.logout_token, origin: originOf(request) },
          );
          for (const caller of ended) onSignOut(caller);
          return reply.code(200).send();
        } catch (error) {
          // Back-Channel Logout 1.0 §2.8: what could not be done is 400, in this shape.
          if (error instanceof AppError && error.code === 'bad_request') return refuse(reply, 400, 'invalid_request');
          throw error;
        }
      },
    );
  });

  const manage = { action: 'machines.manage', rate: 'write', stepUp: true } as const;
  app.get(
    '/api/v1/machines',
    {
      config: { action: 'machines.manage', rate: 'read' },
      schema: {
        summary: 'The organization’s machines.',
        response: { 200: z.object({ machines: z.array(ServiceClient) }), ...problems },
      },
    },
    async (request) => ({ machines: await machines.list(callerOf(request)) }),
  );
  app.post(
    '/api/v1/machines',
    {
      config: manage,
      schema: {
        summary: 'Let a machine in.',
        headers: idempotent,
        body: NewServiceClient,
        response: { 201: ServiceClient, ...problems },
      },
    },
    async (request, reply) => {
      const key = request.headers[IDEMPOTENCY_HEADER];
      return reply.code(201).send(await machines.create(callerOf(request), request.body, key));
    },
  );
  app.delete(
    '/api/v1/machines/:id',
    {
      config: manage,
      schema: {
        summary: 'Shut a machine out, with all its tokens.',
        params: z.object({ id: PersonId }),
        response: { 200: done, ...problems },
      },
    },
    async (request) => {
      await machines.revoke(callerOf(request), request.params.id);
      return {};
    },
  );
};
