import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passwordOf } from '../src/relay/credentials.ts';
import { type TestCertificate, testCertificate } from './support/certificate.ts';
import { LOOPBACK_PAGE, LoopbackResult } from './support/loopback-page.ts';
import { startTestServer, TEST_SECRET, type TestServer, usernameFor } from './support/turn-server.ts';

const runs = (program: string, argument: string): boolean =>
  spawnSync(program, [argument], { stdio: 'ignore' }).error === undefined;
const chromium = process.env.CHROMIUM_BIN ?? 'chromium';
/** certutil (Debian package libnss3-tools) makes Chromium trust our test authority without switching verification off. */
const canRun = runs(chromium, '--version') && runs('certutil', '-H');

describe.skipIf(!canRun)('Chromium', () => {
  let certificate: TestCertificate;
  let stranger: TestCertificate;
  let home: string;
  let web: Server;
  let server: TestServer;
  let untrusted: TestServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    certificate = testCertificate();
    stranger = testCertificate('stranger');
    home = mkdtempSync(join(tmpdir(), 'bedside-chromium-'));
    const database = join(home, '.pki/nssdb');
    mkdirSync(database, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
    execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'ca', '-i', certificate.certFile]);
    // Both ends of the page's call are relayed here, so each one's peer is another relayed address.
    const peers = [{ ip: '127.0.0.1', minPort: 1024, maxPort: 65_535 }];
    server = await startTestServer({ peers, kinds: ['udp', 'tcp', 'tls', 'shared'], tls: certificate });
    untrusted = await startTestServer({ peers, kinds: ['tls'], tls: stranger });
    web = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(LOOPBACK_PAGE),
    ).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const quiet = [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ];
    const args = [...quiet, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    const executablePath = execFileSync('which', [chromium], { encoding: 'utf8' }).trim();
    browser = await launch({ executablePath, env: { ...process.env, HOME: home }, args });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    web.close();
    await server[Symbol.asyncDispose]();
    await untrusted[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
    certificate[Symbol.dispose]();
    stranger[Symbol.dispose]();
  });

  const call = async (url: string): Promise<LoopbackResult> => {
    const username = usernameFor('chromium');
    const parameters = JSON.stringify({ url, username, credential: passwordOf(TEST_SECRET, username) });
    return LoopbackResult.parse(await page.evaluate(`loopbackCall(${parameters})`));
  };

  it.each([
    ['udp', 'turn:127.0.0.1', '?transport=udp'],
    ['tcp', 'turn:127.0.0.1', '?transport=tcp'],
    ['tls', 'turns:localhost', '?transport=tcp'],
    ['shared', 'turns:localhost', '?transport=tcp'],
  ] as const)('talks through the relay alone, over %s', { timeout: 60_000 }, async (kind, host, transport) => {
    const { message, candidates } = await call(`${host}:${server.port(kind)}${transport}`);
    expect(message).toBe('through the relay');
    expect(new Set(candidates)).toEqual(new Set(['relay']));
  });

  it('does not relay through a certificate it does not trust', { timeout: 60_000 }, async () => {
    const { message, candidates, errors } = await call(`turns:localhost:${untrusted.port('tls')}?transport=tcp`);
    expect([message, candidates]).toEqual(['nothing', []]);
    expect(errors).toContain(701);
  });

  it('gives its allocations back when it hangs up', async () => {
    while ((await server.turn.stats()).allocations > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await server.turn.stats()).closed.released).toBeGreaterThanOrEqual(8);
  });
});
