import { Me } from '@bedside/protocol';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CoreConfig } from '../config.ts';
import { type App, callerOf, originOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import { parseReturnTo } from './return-to.ts';
import type { Identity } from './service.ts';
import { cookieNames, SIGN_IN_ATTEMPT_MS } from './session-model.ts';

const LoginQuery = z.object({ return_to: z.string().max(2_000).optional() });

export interface IdentityRoutesOptions {
  readonly config: CoreConfig;
  readonly identity: Identity;
  readonly onSignOut: (caller: ReturnType<typeof callerOf>) => void;
}

export const identityRoutes = (app: App, { config, identity, onSignOut }: IdentityRoutesOptions): void => {
  const names = cookieNames(config.publicUrl);
  const cookie = { httpOnly: true, sameSite: 'lax', secure: names.secure, path: '/' } as const;
  /** The page at `/` says it in plain words; an error document would leave people nowhere. */
  const sayAtHome = (reply: FastifyReply, code: string) => reply.redirect(`/?sign-in=${encodeURIComponent(code)}`, 303);

  app.get(
    '/auth/login',
    { config: { action: 'public', rate: 'signIn' }, schema: { hide: true, querystring: LoginQuery } },
    async (request, reply) => {
      const returnTo = parseReturnTo(request.query.return_to);
      try {
        const start = await identity.start(returnTo, request.cookies[names.signIn]);
        reply.setCookie(names.signIn, start.browser, { ...cookie, maxAge: SIGN_IN_ATTEMPT_MS / 1000 });
        return await reply.redirect(start.url, 303);
      } catch (error) {
        return sayAtHome(reply, identity.refusedStart(error));
      }
    },
  );

  app.get(
    '/auth/callback',
    { config: { action: 'public', rate: 'signIn' }, schema: { hide: true } },
    async (request, reply) => {
      const outcome = await identity.finish({
        query: request.url.slice(request.url.indexOf('?') >>> 0),
        browser: request.cookies[names.signIn],
        previous: request.cookies[names.session],
        origin: originOf(request),
      });
      if (outcome.kind === 'refused') {
        reply.signInRefused = true;
        return sayAtHome(reply, outcome.code);
      }
      reply.clearCookie(names.signIn, cookie);
      reply.setCookie(names.session, outcome.cookie, cookie);
      return reply.redirect(outcome.returnTo, 303);
    },
  );

  app.post(
    '/auth/logout',
    {
      config: { action: 'session', rate: 'signIn' },
      schema: { hide: true, response: { 200: z.object({ redirectTo: z.string() }), ...problems } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const answer = await identity.signOut(caller);
      onSignOut(caller);
      reply.clearCookie(names.session, cookie);
      return answer;
    },
  );

  app.get(
    '/api/v1/me',
    {
      config: { action: 'session', rate: 'read' },
      schema: { summary: 'Who is signed in.', response: { 200: Me, ...problems } },
    },
    async (request) => identity.me(callerOf(request)),
  );
};
