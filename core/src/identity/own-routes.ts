import { PasskeyAssertion, PasskeyName, PasskeyRegistration, PasskeySummary, SessionSummary } from '@bedside/protocol';
import { z } from 'zod';
import type { CoreConfig } from '../config.ts';
import { type App, callerOf } from '../http/app.ts';
import { done, problems } from '../http/route-schema.ts';
import type { IdentityRoutesOptions } from './routes.ts';
import { cookieNames } from './session-model.ts';
import { PASSKEY_ASSERTION_PATH, PASSKEY_REGISTRATION_PATH } from './step-up-gate.ts';

const Id = z.object({ id: z.uuid() });
/** As the browser's `PublicKeyCredential.parseCreationOptionsFromJSON` and its sister read it. */
const CeremonyOptions = z.record(z.string(), z.unknown());

const read = { action: 'session', rate: 'read' } as const;
const write = { action: 'session', rate: 'write' } as const;
const ceremony = { action: 'session', rate: 'signIn' } as const;

const sessionCookie = (config: Pick<CoreConfig, 'publicUrl'>) => {
  const names = cookieNames(config.publicUrl);
  return {
    name: names.session,
    options: { httpOnly: true, sameSite: 'lax', secure: names.secure, path: '/' },
  } as const;
};

/** What people see and do about their own sign-in: where they are signed in, and their passkeys. */
export const ownIdentityRoutes = (app: App, { config, identity, onSignOut }: IdentityRoutesOptions): void => {
  const { issuers, passkeys, sessions, stepUp } = identity;
  const cookie = sessionCookie(config);

  app.get(
    '/api/v1/me/sessions',
    {
      config: read,
      schema: {
        summary: 'Where one is signed in.',
        response: { 200: z.object({ sessions: z.array(SessionSummary) }), ...problems },
      },
    },
    async (request) => ({
      sessions: await sessions.list(callerOf(request), (url) => issuers.byUrl(url)?.config.id),
    }),
  );

  app.delete(
    '/api/v1/me/sessions/:id',
    { config: write, schema: { summary: 'Sign out there.', params: Id, response: { 200: done, ...problems } } },
    async (request) => {
      onSignOut(await sessions.endOne(callerOf(request), request.params.id));
      return {};
    },
  );

  app.get(
    '/api/v1/me/passkeys',
    {
      config: read,
      schema: {
        summary: 'One’s passkeys.',
        response: { 200: z.object({ passkeys: z.array(PasskeySummary) }), ...problems },
      },
    },
    async (request) => ({ passkeys: await passkeys.list(callerOf(request)) }),
  );

  app.post(
    PASSKEY_REGISTRATION_PATH,
    {
      config: ceremony,
      schema: { summary: 'Begin to register a passkey.', response: { 200: CeremonyOptions, ...problems } },
    },
    async (request) => {
      const caller = callerOf(request);
      await stepUp.requireForPasskey(caller);
      return { ...(await passkeys.startRegistration(caller)) };
    },
  );

  app.post(
    '/api/v1/me/passkeys',
    {
      config: ceremony,
      schema: {
        summary: 'Register a passkey.',
        body: z.strictObject({ name: PasskeyName, response: PasskeyRegistration }),
        response: { 201: PasskeySummary, ...problems },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      await stepUp.requireForPasskey(caller);
      return reply.code(201).send(await passkeys.register(caller, request.body));
    },
  );

  app.delete(
    '/api/v1/me/passkeys/:id',
    {
      config: { ...write, stepUp: true },
      schema: { summary: 'Remove a passkey.', params: Id, response: { 200: done, ...problems } },
    },
    async (request) => {
      await passkeys.remove(callerOf(request), request.params.id);
      return {};
    },
  );

  app.post(
    PASSKEY_ASSERTION_PATH,
    {
      config: ceremony,
      schema: { summary: 'Begin to prove oneself by passkey.', response: { 200: CeremonyOptions, ...problems } },
    },
    async (request) => ({ ...(await passkeys.startAssertion(callerOf(request))) }),
  );

  app.post(
    '/api/v1/me/passkeys/assertion',
    {
      config: ceremony,
      schema: {
        summary: 'Prove oneself by passkey; the session goes on under a new cookie.',
        body: PasskeyAssertion,
        response: { 200: done, ...problems },
      },
    },
    async (request, reply) => {
      reply.setCookie(cookie.name, await passkeys.assert(callerOf(request), request.body), cookie.options);
      return {};
    },
  );
};
