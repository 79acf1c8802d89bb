import { unhurriedMs } from '@bedside/kit/pace';
import type { Appointment, Grant } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, makeAuthority, tlsEnv } from '../src/authority.ts';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { startConnectProxy } from '../src/connect-proxy.ts';
import { whyNot } from '../src/lab/hospital-network.ts';
import { captureFiles } from '../src/media-files.ts';
import { byTestId, callCore, clickTestId, nextVisit, openVisit, seesOther, signIn } from '../src/people.ts';
import { createRelayBinding, readMetric, waitForPath } from '../src/relay-only.ts';

const PATIENT = 0;
const PROVIDER = 1;
const ALLOCATIONS = 'bedside_turn_allocations';
/** SPEC GR6. */
const REVOKED_WITHIN_MS = 500;

const reason = await whyNot({ programs: ['openssl', 'certutil'], networks: false });
const here = reason === undefined ? '' : ` (not here: ${reason})`;

describe.skipIf(reason !== undefined)(`a visit through the relay alone, behind the one TLS port${here}`, () => {
  const disposables = new AsyncDisposableStack();
  let authority: Authority;
  let bedside: Bedside;
  let patient: Page;
  let provider: Page;
  let bindPatient: ReturnType<typeof createRelayBinding>;
  let bindProvider: ReturnType<typeof createRelayBinding>;
  let visit: Appointment;

  beforeAll(async () => {
    authority = disposables.use(await makeAuthority());
    bedside = disposables.use(await startBedside({ env: tlsEnv(authority) }));
    const openFor = async (person: 0 | 1): Promise<Page> =>
      disposables.use(await launchBrowser({ capture: await captureFiles(person), home: authority.home })).newPage();
    patient = await openFor(PATIENT);
    provider = await openFor(PROVIDER);
    bindPatient = createRelayBinding(patient);
    bindProvider = createRelayBinding(provider);
    await signIn(patient, bedside.origin, 'Ruth Lindqvist');
    await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
    visit = await nextVisit(patient);
  });
  afterAll(() => disposables.disposeAsync());

  const enter = async (page: Page): Promise<void> => {
    await openVisit(page, bedside.origin, visit.encounterId);
    await clickTestId(page, 'device-ready');
  };
  /** Asks without pause; how long after `since` (of `performance.now`) the figure was what is awaited, see `unhurriedMs`. */
  const untilMetric = async (name: string, labels: string, isDone: (value: number) => boolean, since: number) => {
    while (!isDone(await readMetric(provider, name, labels))) expect(performance.now() - since).toBeLessThan(30_000);
    return unhurriedMs(since);
  };

  test.each(['udp', 'tcp', 'tls'] as const)('each decodes the other’s frames over %s', async (transport) => {
    await bindPatient(transport);
    await bindProvider(transport);
    await enter(provider);
    await openVisit(patient, bedside.origin, visit.encounterId);
    await patient.waitForSelector(`${byTestId('network-check')}[data-network="${transport}"]`);
    await clickTestId(patient, 'device-ready');
    // Admitted once, the patient comes straight in the next times.
    if (transport === 'udp') await clickTestId(provider, 'admit');
    await seesOther(patient, PROVIDER);
    await seesOther(provider, PATIENT);
    for (const page of [patient, provider]) await waitForPath(page, `relay-${transport}`);
  });

  test('behind an HTTP proxy the relay is reached through it, with CONNECT', async () => {
    const proxy = disposables.use(await startConnectProxy());
    const browser = disposables.use(
      await launchBrowser({ capture: await captureFiles(PATIENT), home: authority.home, proxyPort: proxy.port }),
    );
    const page = await browser.newPage();
    await signIn(page, bedside.origin, 'Ruth Lindqvist');
    // Over plain TCP, so that the relay's tunnels can be told from those of the pages.
    await createRelayBinding(page)('tcp');
    await enter(page);
    await seesOther(page, PROVIDER);
    await waitForPath(page, 'relay-tcp');
    const grant = (await callCore(provider, 'POST', `/api/v1/encounters/${visit.encounterId}/grant`)) as Grant;
    const relay = /^turn:(.*)\?transport=tcp$/.exec(grant.iceServers[0]?.urls[1] ?? '')?.[1];
    expect(proxy.targets).toContain(relay);
    expect(proxy.targets).toContain(`localhost:${bedside.port}`);
  });

  test('the page is served on the port that the relay is on, and says so to browsers', async () => {
    const { url, hsts } = await patient.evaluate(async () => {
      const response = await fetch('/');
      return { url: location.origin, hsts: response.headers.get('strict-transport-security') };
    });
    expect([url, hsts]).toEqual([bedside.origin, expect.stringContaining('max-age=')]);
    const grant = (await callCore(provider, 'POST', `/api/v1/encounters/${visit.encounterId}/grant`)) as Grant;
    expect(grant.iceServers[0]?.urls.at(-1)).toBe(`turns:localhost:${bedside.port}?transport=tcp`);
  });

  test('GR6 signing out ends what was relayed for the patient, and nobody else’s', async () => {
    // Came in anew, the patient has media that runs; what is left of pages that went away does not count.
    await enter(patient);
    await seesOther(patient, PROVIDER);
    const before = await readMetric(provider, `${ALLOCATIONS}_closed_total`, 'reason="revoked"');
    const since = performance.now();
    await callCore(patient, 'POST', '/auth/logout');
    const tookMs = await untilMetric(
      `${ALLOCATIONS}_closed_total`,
      'reason="revoked"',
      (value) => value > before,
      since,
    );
    expect(tookMs).toBeLessThan(REVOKED_WITHIN_MS);
    expect(await readMetric(provider, ALLOCATIONS)).toBeGreaterThan(0);
  });

  test('GR6 END1 the end of the visit ends every allocation', async () => {
    const since = performance.now();
    await callCore(provider, 'POST', `/api/v1/encounters/${visit.encounterId}/end`);
    expect(await untilMetric(ALLOCATIONS, '', (value) => value === 0, since)).toBeLessThan(REVOKED_WITHIN_MS);
  });
});
