import { randomUUID } from 'node:crypto';
import { makeTempDir, type TempDir } from '@bedside/kit/temp-dir';
import type { Appointment, ChatMessage } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type HttpPerson, meetByHttp, signInByHttp } from '../src/http-person.ts';
import { captureFiles } from '../src/media-files.ts';
import { bookFirst, byTestId, clickTestId, meet, nextVisit, signIn } from '../src/people.ts';
import { isRunning, type ProcessInfo } from '../src/process-tree.ts';

let data: TempDir;
let bedside: Bedside;
beforeEach(async () => {
  data = await makeTempDir();
});
afterEach(async () => {
  await bedside.close();
  await data[Symbol.asyncDispose]();
});

const start = async (port?: number): Promise<Bedside> => {
  bedside = await startBedside({ dataDir: data.path, ...(port === undefined ? {} : { port }) });
  return bedside;
};
const readyStatus = async (): Promise<number> =>
  fetch(`${bedside.origin}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );
const isReady = () => vi.waitFor(async () => expect(await readyStatus()).toBe(200), { timeout: 60_000, interval: 50 });
const gone = (processes: readonly ProcessInfo[]) =>
  vi.waitFor(
    async () => {
      for (const info of processes) expect(await isRunning(info), `${info.name} ${info.pid}`).toBe(false);
    },
    { timeout: 60_000, interval: 50 },
  );

/** What was acknowledged to people: an appointment that was booked, and words that were said in another visit. */
interface Acknowledged {
  readonly patient: HttpPerson;
  readonly booked: Appointment;
  readonly visit: Appointment;
  readonly texts: readonly string[];
}

const workWithIt = async (): Promise<Acknowledged> => {
  const patient = await signInByHttp(bedside.origin, 'Ruth Lindqvist');
  const provider = await signInByHttp(bedside.origin, 'Dr. Amara Okafor');
  const visit = await patient.nextVisit();
  const booked = await bookFirst(patient.call, 'Mei Tan, NP');
  const { guest, host } = await meetByHttp({ patient, provider, encounterId: visit.encounterId });
  const texts = Array.from({ length: 5 }, () => randomUUID());
  for (const text of texts)
    expect(await guest.ask('chat', { clientMessageId: randomUUID(), text })).toMatchObject({ ok: true });
  guest.close();
  host.close();
  return { patient, booked, visit, texts };
};

/** The same cookie still opens everything, nothing of it is lost, and more can be done. */
const expectNothingLost = async ({ patient, booked, visit, texts }: Acknowledged): Promise<void> => {
  await isReady();
  const { appointments } = (await patient.call('GET', '/api/v1/appointments')) as { appointments: Appointment[] };
  expect(appointments.map(({ id }) => id)).toContain(booked.id);
  const path = `/api/v1/encounters/${visit.encounterId}/messages`;
  const { messages } = (await patient.call('GET', path)) as { messages: ChatMessage[] };
  expect(messages.map(({ text }) => text)).toEqual(texts);
  expect((await bookFirst(patient.call, 'Dr. Luis Herrera')).status).toBe('booked');
};

describe('started, stopped, killed, and started again', () => {
  test('it answers for its health, and Ctrl-C ends every process of it and keeps what was done', async () => {
    await start();
    expect(bedside.output()).toContain(`Bedside is ready at http://localhost:${bedside.port}`);
    expect(bedside.output()).toContain('Ruth Lindqvist');
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect((await fetch(bedside.origin + path)).status, path).toBe(200);
    const done = await workWithIt();
    const processes = await bedside.processes();
    expect(processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['postgres', 'mediasoup-worke']));
    expect(await bedside.stop()).toBe(0);
    await gone(processes);

    await start(bedside.port);
    await expectNothingLost(done);
  });

  test.each([
    { what: 'process', words: 'its main process alone, which leaves Postgres an orphan' },
    { what: 'tree', words: 'all of its processes' },
  ] as const)('after kill -9 of $words, it starts again with nothing lost', async ({ what }) => {
    await start();
    const done = await workWithIt();
    const before = await bedside.processes();
    const left = await bedside.kill(what);
    if (what === 'tree') expect(left).toEqual([]);
    await start(bedside.port);
    await gone(before);
    await expectNothingLost(done);
  });

  test('after kill -9 of Postgres it brings Postgres back by itself', async () => {
    await start();
    const done = await workWithIt();
    const postgres = (await bedside.processes()).filter(({ name }) => name === 'postgres');
    const postmaster = postgres.find(({ parentPid }) => !postgres.some(({ pid }) => pid === parentPid));
    process.kill(postmaster?.pid ?? 0, 'SIGKILL');
    await gone(postgres);
    await expectNothingLost(done);
    // And it stays in charge of the new one.
    const processes = await bedside.processes();
    expect(await bedside.stop()).toBe(0);
    await gone(processes);
  });
});

describe('during a visit', () => {
  const browsers = new AsyncDisposableStack();
  let patient: Page;
  let provider: Page;
  beforeAll(async () => {
    patient = await browsers.use(await launchBrowser({ capture: await captureFiles(0) })).newPage();
    provider = await browsers.use(await launchBrowser({ capture: await captureFiles(1) })).newPage();
  });
  afterAll(() => browsers.disposeAsync());

  const begin = async (): Promise<void> => {
    for (const page of [patient, provider]) await page.deleteCookie(...(await page.cookies()));
    await signIn(patient, bedside.origin, 'Ruth Lindqvist');
    await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
    const { encounterId } = await nextVisit(patient);
    await meet({ patient, provider }, { origin: bedside.origin, encounterId });
  };

  /** The counter of the frame that the video element shows, once it shows one of the other that is not `before`. */
  const frameAfter = async (page: Page, before?: string): Promise<string> => {
    const shown = await page.waitForFunction(
      (selector, known) => {
        if (document.querySelector(selector) === null) return '';
        const frame = window.bedsideProbe.frame(selector);
        return frame.ok && String(frame.counter) !== known ? String(frame.counter) : '';
      },
      { timeout: 60_000, polling: 100 },
      byTestId('remote-video'),
      before,
    );
    return shown.jsonValue();
  };

  /** The video element shows frames of the other that it did not show before: the counter moves on. */
  const seesNewFrames = async (page: Page) => frameAfter(page, await frameAfter(page));

  /** Set in the page: gone when it is loaded anew. */
  const markPages = () =>
    Promise.all([patient, provider].map((page) => page.evaluate(() => void Reflect.set(window, 'stillHere', true))));
  const expectSamePages = async (): Promise<void> => {
    for (const page of [patient, provider])
      expect(await page.evaluate(() => Reflect.get(window, 'stillHere') as unknown)).toBe(true);
  };

  test('MED6 MED8 after kill -9 of its media worker both get picture back by themselves', async () => {
    await start();
    await begin();
    await markPages();
    const workers = (await bedside.processes()).filter(({ name }) => name === 'mediasoup-worke');
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    await gone(workers);
    await Promise.all([seesNewFrames(patient), seesNewFrames(provider)]);
    await expectSamePages();
    const after = (await bedside.processes()).filter(({ name }) => name === 'mediasoup-worke');
    expect(after).toHaveLength(workers.length);
    await isReady();
  });

  test('SES4 WAIT4 after kill -9 of Bedside and a new start both are back in the visit without a click', async () => {
    const { port } = await start();
    await begin();
    await markPages();
    await bedside.kill('tree');
    await start(port);
    await Promise.all([seesNewFrames(patient), seesNewFrames(provider)]);
    await expectSamePages();
    await clickTestId(patient, 'open-chat');
    await patient.locator(byTestId('chat-input')).fill('Are you still there?');
    await clickTestId(patient, 'chat-send');
    await clickTestId(provider, 'open-chat');
    await provider.waitForSelector(byTestId('chat-text'));
  });
});
