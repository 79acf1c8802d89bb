/// <reference path="./oidc-provider.d.ts" />
import { generateKeyPair, type JsonWebKey, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import type { Logger } from '@bedside/kit';
import { interactionPolicy, type KoaContext, Provider } from 'oidc-provider';
import { choosePage, type IssuerPerson, STYLE, SUBMIT_SCRIPT, sentencePage, signOutPage } from './issuer-pages.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import { readForm } from './read-form.ts';

export interface DemoIssuerClient {
  readonly clientId: string;
  /** Without one the client is public and PKCE alone protects the code. */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
}

export interface DemoIssuerOptions {
  /** Issuer identifier with its path, for example `http://localhost:8080/demo-issuer`; requests come with that path. */
  readonly issuerUrl: string;
  readonly clients: readonly DemoIssuerClient[];
  readonly people: readonly IssuerPerson[];
  readonly log: Logger;
}

export interface DemoIssuer {
  handle(req: IncomingMessage, res: ServerResponse): void;
  close(): Promise<void>;
}

const FILES: Readonly<Record<string, { type: string; content: string }>> = {
  '/style.css': { type: 'text/css', content: STYLE },
  '/submit.js': { type: 'text/javascript', content: SUBMIT_SCRIPT },
};

const signingKey = async (): Promise<JsonWebKey & { kid: string; use: 'sig'; alg: 'ES256' }> => {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'ES256' };
};

/** Asks who somebody wants to be at every sign-in, never what they were last time. */
const alwaysAsk = () => {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy
    .get('login')
    ?.checks.add(
      new Check('demo_choice', 'a demo person is chosen at every sign-in', (ctx) =>
        ctx.oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
};

/** Everything that is asked for is granted: these people's consent is as made up as they are. */
const grantAll = async (ctx: KoaContext) => {
  const { client, params, provider, session } = ctx.oidc;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope(params.scope ?? 'openid');
  await grant.save();
  return grant;
};

/**
 * An OpenID Connect issuer where everybody may be any of `people` (code flow with PKCE, RP-initiated logout). In
 * memory, with keys of this process. Only for demos and tests: it asks for no proof of anything.
 */
export const createDemoIssuer = async (options: DemoIssuerOptions): Promise<DemoIssuer> => {
  const { people, log } = options;
  const issuer = new URL(options.issuerUrl);
  const prefix = issuer.pathname.replace(/\/$/, '');
  const returnOrigins = new Set(
    options.clients.flatMap((client) => client.redirectUris.map((uri) => new URL(uri).origin)),
  );
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // A browser judges the redirects after a form by it too, and they lead back to the client.
    `form-action 'self' ${[...returnOrigins].join(' ')}`,
  ].join('; ');
  const headers: OutgoingHttpHeaders = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy,
  };

  const provider = new Provider(options.issuerUrl, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: options.clients.map((client) => ({
      client_id: client.clientId,
      ...(client.clientSecret === undefined
        ? { token_endpoint_auth_method: 'none' }
        : { client_secret: client.clientSecret, token_endpoint_auth_method: 'client_secret_basic' }),
      redirect_uris: client.redirectUris,
      post_logout_redirect_uris: client.postLogoutRedirectUris,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    })),
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 3600, Session: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx: KoaContext, form: string) => {
          ctx.body = signOutPage({ form, prefix });
        },
        postLogoutSuccessSource: (ctx: KoaContext) => {
          ctx.body = sentencePage({ title: 'You are signed out', sentence: 'You can close this page.', prefix });
        },
      },
    },
    interactions: {
      policy: alwaysAsk(),
      url: (_ctx: KoaContext, interaction: { uid: string }) => `${prefix}/interaction/${interaction.uid}`,
    },
    findAccount: (_ctx: KoaContext, subject: string) => {
      const person = people.find((candidate) => candidate.subject === subject);
      return person && { accountId: subject, claims: () => ({ sub: subject, name: person.displayName }) };
    },
    loadExistingGrant: grantAll,
    renderError: (ctx: KoaContext) => {
      ctx.type = 'html';
      ctx.body = sentencePage({ title: 'Signing in did not work', sentence: 'Please go back and try again.', prefix });
    },
  });
  // The errors it would print hold requests; they go to the log instead, which prints no values.
  provider.silent = true;
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => log.error('demo-issuer-failed', { error }));
  const protocol = provider.callback();

  const choose = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'POST') {
      await provider.interactionDetails(req, res);
      res.writeHead(200, headers).end(choosePage({ people, prefix }));
      return;
    }
    const subject = (await readForm(req)).get('subject');
    if (!people.some((person) => person.subject === subject) || subject === null)
      throw new Error('nobody of the demo was chosen');
    await provider.interactionFinished(req, res, { login: { accountId: subject } });
  };

  const refuse = (res: ServerResponse): void => {
    const title = 'This sign-in is over';
    const sentence = 'It took too long or was begun elsewhere. Please start again.';
    if (res.headersSent) res.destroy();
    else res.writeHead(400, headers).end(sentencePage({ title, sentence, prefix }));
  };

  /** The library routes without the prefix and makes its addresses of the host: both are what the issuer's name says. */
  const answerProtocol = (req: IncomingMessage, res: ServerResponse, path: string): void => {
    Object.assign(req, { originalUrl: req.url, baseUrl: prefix, url: path });
    req.headers['x-forwarded-proto'] = issuer.protocol.replace(':', '');
    req.headers['x-forwarded-host'] = issuer.host;
    res.setHeader('content-security-policy', policy);
    protocol(req, res);
  };

  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    const url = req.url ?? '/';
    const path = url.slice(prefix.length) || '/';
    const file = FILES[path];
    if (file !== undefined) res.writeHead(200, { ...headers, 'content-type': file.type }).end(file.content);
    else if (path.startsWith('/interaction/')) choose(req, res).catch(() => refuse(res));
    else answerProtocol(req, res, path);
  };
  return { handle, close: async () => undefined };
};
