import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, Health, silentLogger } from '@bedside/kit';
import { createDemoIssuer } from '@bedside/ops/demo-issuer';
import { demoIssuerPeople } from '@bedside/ops/demo-people';
import { createEdge, type Edge } from '@bedside/ops/edge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../src/axe.ts';
import { freePort } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';

let edge: Edge;
let dir: string;
let origin: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bedside-issuer-'));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>home</title>');
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const issuer = await createDemoIssuer({
    issuerUrl: `${origin}/demo-issuer`,
    clients: [
      { clientId: 'bedside', redirectUris: [`${origin}/auth/callback`], postLogoutRedirectUris: [`${origin}/`] },
    ],
    people: demoIssuerPeople,
    log: silentLogger,
  });
  const core = { handle: (req: IncomingMessage, res: ServerResponse) => void res.end(req.url) };
  const signaling = { handleUpgrade: () => undefined };
  const common = { registry: createRegistry(), health: new Health(), log: silentLogger };
  edge = await createEdge({
    host: '127.0.0.1',
    port,
    publicUrl: origin,
    core,
    signaling,
    demoIssuer: issuer,
    staticDir: dir,
    ...common,
  });
});
afterAll(async () => {
  await edge.close();
  await rm(dir, { recursive: true });
});

const authorize = () =>
  `${origin}/demo-issuer/auth?${new URLSearchParams({
    client_id: 'bedside',
    redirect_uri: `${origin}/auth/callback`,
    response_type: 'code',
    scope: 'openid',
    state: 'state-1',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  })}`;

test.each([
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'light' },
] as const)(
  'the page to choose from is accessible at $width px, $colorScheme, and leads back by a click',
  async (look) => {
    await using browser = await launchBrowser({ viewport: look, colorScheme: look.colorScheme });
    const page = await browser.newPage();
    await page.goto(authorize());
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width);
    if (process.env.SCREENSHOT_DIR)
      await page.screenshot({
        path: join(process.env.SCREENSHOT_DIR, `issuer-${look.width}-${look.colorScheme}.png`),
        fullPage: true,
      });

    await page.locator('button[value="demo-ruth-lindqvist"]').click();
    await page.waitForFunction(() => location.pathname === '/auth/callback');
    expect(new URL(page.url()).searchParams.get('state')).toBe('state-1');
  },
);

test.each([true, false])('signing out asks nothing (signed in before: %s)', async (signedIn) => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  if (signedIn) {
    await page.goto(authorize());
    await page.locator('button[value="demo-ruth-lindqvist"]').click();
    await page.waitForFunction(() => location.pathname === '/auth/callback');
  }
  const out = new URLSearchParams({ client_id: 'bedside', post_logout_redirect_uri: `${origin}/` });
  await page.goto(`${origin}/demo-issuer/session/end?${out}`);
  await page.waitForFunction(() => document.title === 'home');
});
