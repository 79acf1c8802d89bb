import { IssuerChoice, Me } from '@bedside/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../caller.ts';
import type { CoreConfig } from '../config.ts';
import { type App, callerOf, originOf } from '../http/app.ts';
import { refuseEmbedded } from '../http/cross-site.ts';
import { problems } from '../http/route-schema.ts';
import { CALLBACK_PATH } from './issuer-config.ts';
import { parseReturnTo } from './return-to.ts';
import type { Identity } from './service.ts';
import { cookieNames, SIGN_IN_ATTEMPT_MS } from './session-model.ts';

const LoginQuery = z.object({
  return_to: z.string().max(2_000).optional(),
  issuer: z.string().max(40).optional(),
  step_up: z.literal('true').optional(),
});

export interface IdentityRoutesOptions {
  readonly config: CoreConfig;
  readonly identity: Identity;
  /** Told of every session that ended. */
  readonly onSignOut: (caller: Caller) => void;
}

/** A page of this site with a word about the sign-in, which it says in plain language. */
const withWord = (path: string, code: string): string => {
  const url = new URL(path, 'https://here.invalid');
  url.searchParams.set('sign-in', code);
  return `${url.pathname}${url.search}${url.hash}`;
};

export const identityRoutes = (app: App, { config, identity, onSignOut }: IdentityRoutesOptions): void => {
  const { issuers, sessions, signIn } = identity;
  const names = cookieNames(config.publicUrl);
  const cookie = { httpOnly: true, sameSite: 'lax', secure: names.secure, path: '/' } as const;
  const publicly = { config: { action: 'public', rate: 'signIn' } } as const;

  app.get(
    '/auth/issuers',
    {
      config: { action: 'public', rate: 'read' },
      schema: { hide: true, response: { 200: z.object({ issuers: z.array(IssuerChoice) }), ...problems } },
    },
    async () => ({ issuers: issuers.choices }),
  );

  app.get('/auth/login', { ...publicly, schema: { hide: true, querystring: LoginQuery } }, async (request, reply) => {
    refuseEmbedded(request);
    const { return_to, issuer: wanted, step_up } = request.query;
    const returnTo = parseReturnTo(return_to);
    const stepUp =
      step_up === undefined ? undefined : await sessions.recognize(request.cookies[names.session], originOf(request));
    const issuer =
      issuers.byUrl(stepUp?.session?.issuer ?? null) ?? (wanted === undefined ? issuers.only : issuers.byId(wanted));
    if (issuer === undefined) return reply.redirect(withWord(returnTo, 'choose'), 303);
    try {
      const start = await signIn.start({ issuer, returnTo, browser: request.cookies[names.signIn], stepUp });
      reply.setCookie(names.signIn, start.browser, { ...cookie, maxAge: SIGN_IN_ATTEMPT_MS / 1000 });
      return await reply.redirect(start.url, 303);
    } catch (error) {
      return reply.redirect(withWord('/', signIn.refused(error)), 303);
    }
  });

  const finish = async (request: FastifyRequest, reply: FastifyReply, issuerId: string | undefined) => {
    refuseEmbedded(request);
    const at = request.url.indexOf('?');
    const path = issuerId === undefined ? CALLBACK_PATH : `${CALLBACK_PATH}/${issuerId}`;
    const outcome = await signIn.finish({
      issuer: issuers.all.find((issuer) => issuer.config.callbackPath === path),
      query: at < 0 ? '' : request.url.slice(at),
      browser: request.cookies[names.signIn],
      previous: request.cookies[names.session],
      origin: originOf(request),
    });
    if (outcome.kind === 'refused') {
      reply.signInRefused = true;
      return reply.redirect(withWord('/', outcome.code), 303);
    }
    reply.clearCookie(names.signIn, cookie);
    reply.setCookie(names.session, outcome.cookie, cookie);
    return reply.redirect(outcome.returnTo, 303);
  };
  app.get(CALLBACK_PATH, { ...publicly, schema: { hide: true } }, (request, reply) =>
    finish(request, reply, undefined),
  );
  app.get(
    `${CALLBACK_PATH}/:issuer`,
    { ...publicly, schema: { hide: true, params: z.object({ issuer: z.string().max(40) }) } },
    (request, reply) => finish(request, reply, request.params.issuer),
  );

  app.post(
    '/auth/logout',
    {
      config: { action: 'session', rate: 'signIn' },
      schema: { hide: true, response: { 200: z.object({ redirectTo: z.string() }), ...problems } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      await sessions.end(caller);
      onSignOut(caller);
      reply.clearCookie(names.session, cookie);
      return { redirectTo: await identity.endSessionUrl(caller) };
    },
  );

  app.get(
    '/api/v1/me',
    {
      config: { action: 'session', rate: 'read' },
      schema: { summary: 'Who is signed in.', response: { 200: Me, ...problems } },
    },
    async (request) => sessions.me(callerOf(request), config.demo),
  );
};
