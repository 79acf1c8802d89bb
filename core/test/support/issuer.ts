import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is used here of oidc-provider, which comes without types. */
interface OidcProvider {
  callback(): RequestListener;
  interactionFinished(
    request: IncomingMessage,
    response: ServerResponse,
    result: { login: { accountId: string } },
  ): Promise<void>;
}
interface OidcContext {
  readonly oidc: {
    readonly client?: { readonly clientId: string };
    readonly session?: { readonly accountId: string };
    readonly provider: {
      readonly Grant: new (of: {
        clientId: string;
        accountId: string;
      }) => { addOIDCScope(scope: string): void; save(): Promise<string> };
    };
  };
}
type OidcProviderModule = {
  readonly default: new (issuer: string, configuration: Record<string, unknown>) => OidcProvider;
};
const MODULE: string = 'oidc-provider';

export interface TestIssuer extends AsyncDisposable {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/**
 * A real OIDC issuer on loopback. Whoever comes is signed in as the subject of the cookie `subject` they bring, consent
 * given; the rest — codes, PKCE, nonce, tokens — is the library's.
 */
export const startIssuer = async (
  redirectUri: string,
  claimsOf: (sub: string) => Record<string, unknown> = () => ({}),
): Promise<TestIssuer> => {
  const server = createServer();
  const url = `http://127.0.0.1:${await listen(server)}`;
  const client = { clientId: 'bedside-test', clientSecret: 'not-a-secret-of-anybody' };
  const { default: Provider } = (await import(MODULE)) as OidcProviderModule;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [new URL('/', redirectUri).href],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    cookies: { keys: ['test'] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
    features: { devInteractions: { enabled: false } },
    findAccount: async (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ sub, ...claimsOf(sub) }),
    }),
    // As OpenID Connect Core §5.4 has it: what a scope stands for is in userinfo, not in the ID token.
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'email', 'groups'],
    loadExistingGrant: async (context: OidcContext) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client?.clientId ?? '',
        accountId: context.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email groups');
      await grant.save();
      return grant;
    },
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    const subject = /(?:^|;\s*)subject=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (request.url?.startsWith('/interaction/') && subject !== undefined) {
      void provider.interactionFinished(request, response, { login: { accountId: subject } });
      return;
    }
    void callback(request, response);
  });
  return {
    url,
    ...client,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
