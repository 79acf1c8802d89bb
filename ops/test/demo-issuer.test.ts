import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@bedside/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoIssuer } from '../demo/issuer.ts';
import { demoIssuerPeople } from '../demo/people.ts';
import { createCookieBrowser } from './support/cookie-browser.ts';

const client = {
  clientId: 'bedside',
  clientSecret: 'secret-of-the-test',
  redirectUris: ['http://localhost:9/auth/callback'],
  postLogoutRedirectUris: ['http://localhost:9/'],
};
const redirectUri = client.redirectUris[0] ?? '';
const verifier = 'a'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');

let server: Server;
let origin: string;
let issuer: string;

beforeAll(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  issuer = `${origin}/demo-issuer`;
  const demo = await createDemoIssuer({
    issuerUrl: issuer,
    clients: [client],
    people: demoIssuerPeople,
    log: silentLogger,
  });
  server.on('request', demo.handle);
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const authorize = (changes: Record<string, string> = {}) =>
  `${issuer}/auth?${new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  })}`;

const exchange = async (code: string, changes: Record<string, string> = {}) =>
  fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...changes,
    }),
  });

const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;

const signIn = async (browser: ReturnType<typeof createCookieBrowser>, subject: string) => {
  const { url: choice } = await browser.open(authorize());
  const { url } = await browser.open(choice.href, { form: { subject }, until: redirectUri });
  return url.searchParams;
};

describe('discovery', () => {
  test('names itself and its endpoints by the address that browsers use', async () => {
    const found = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(found).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/session/end`,
      code_challenge_methods_supported: ['S256'],
    });
  });
});

describe('the page to choose from', () => {
  test('lists everybody as a button, warns, and runs no script of its own text', async () => {
    const { response } = await createCookieBrowser(origin).open(authorize());
    const html = await response.text();
    for (const person of demoIssuerPeople) {
      expect(html).toContain(`value="${person.subject}"`);
      expect(html).toContain(person.displayName);
    }
    expect(html).toMatch(/This is a demo\.[\s\S]*can be any of these/);
    expect(html).not.toMatch(/<script>|style="|onclick/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('is asked for again at every sign-in', async () => {
    const browser = createCookieBrowser(origin);
    await signIn(browser, 'demo-ruth-lindqvist');
    const { url } = await browser.open(authorize());
    expect(url.pathname).toMatch(/^\/demo-issuer\/interaction\//);
  });

  test('another browser cannot answer it, nor can somebody unknown be chosen', async () => {
    const browser = createCookieBrowser(origin);
    const { url } = await browser.open(authorize());
    const stranger = await createCookieBrowser(origin).open(url.href, { form: { subject: 'demo-ruth-lindqvist' } });
    expect(stranger.response.status).toBe(400);
    expect((await browser.open(url.href, { form: { subject: 'somebody-else' } })).response.status).toBe(400);
    expect((await browser.open(url.href, { form: { subject: 'x'.repeat(5_000) } })).response.status).toBe(400);
  });
});

describe('code flow with PKCE', () => {
  test('ends in an ID token of the chosen person, signed by a published key', async () => {
    const answer = await signIn(createCookieBrowser(origin), 'demo-amara-okafor');
    expect(answer.get('state')).toBe('state-1');
    const tokens = (await (await exchange(answer.get('code') ?? '')).json()) as { id_token: string };

    expect(part(tokens.id_token, 1)).toMatchObject({
      iss: issuer,
      aud: client.clientId,
      sub: 'demo-amara-okafor',
      name: 'Dr. Amara Okafor',
      nonce: 'nonce-1',
    });
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
    const jwk = keys.find((key) => key.kid === part(tokens.id_token, 0).kid);
    const [head, body, signature = ''] = tokens.id_token.split('.');
    const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${head}.${body}`);
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
  });

  test('a code works once, only with the verifier, only with the secret', async () => {
    const browser = createCookieBrowser(origin);
    const code = async () => (await signIn(browser, 'demo-ruth-lindqvist')).get('code') ?? '';
    expect((await exchange(await code(), { code_verifier: 'b'.repeat(43) })).status).toBe(400);
    const used = await code();
    expect((await exchange(used)).status).toBe(200);
    expect((await exchange(used)).status).toBe(400);
    const withoutSecret = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: await code(),
        client_id: client.clientId,
        code_verifier: verifier,
      }),
    });
    expect(withoutSecret.status).toBe(401);
  });

  test('without PKCE it is refused, and an unknown address is never sent to', async () => {
    const browser = createCookieBrowser(origin);
    const { url } = await browser.open(authorize({ code_challenge: '', code_challenge_method: '' }), {
      until: redirectUri,
    });
    expect(url.searchParams.get('error')).toBe('invalid_request');
    const elsewhere = await browser.open(authorize({ redirect_uri: 'http://localhost:9/elsewhere' }));
    expect(elsewhere.response.status).toBe(400);
    expect(await elsewhere.response.text()).toContain('Signing in did not work');
  });
});

describe('signing out', () => {
  test.each([
    ['after a sign-in', true],
    ['without a session', false],
  ])('%s: a page that sends itself leads back to the client', async (_, signedIn) => {
    const browser = createCookieBrowser(origin);
    if (signedIn) await signIn(browser, 'demo-ruth-lindqvist');
    const home = client.postLogoutRedirectUris[0] ?? '';
    const { response } = await browser.open(
      `${issuer}/session/end?${new URLSearchParams({ client_id: client.clientId, post_logout_redirect_uri: home, state: 's' })}`,
    );
    const html = await response.text();
    const xsrf = /name="xsrf" value="(\w+)"/.exec(html)?.[1] ?? '';
    const { url } = await browser.open(`${issuer}/session/end/confirm`, { form: { xsrf, logout: 'yes' }, until: home });
    expect(url.href).toBe(`${home}?state=s`);
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(html).toMatch(signedIn ? /src="\/demo-issuer\/submit.js"/ : /document.forms\[0\].submit/);
  });
});
