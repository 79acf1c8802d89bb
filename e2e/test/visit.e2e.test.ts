import type { Appointment, Grant } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type Database, startDatabase } from '../src/database.ts';
import { framesBetween } from '../src/frame-code.ts';
import { captureFiles, TONE_HZ, VIDEO_FRAME_COUNT } from '../src/media-files.ts';
import { loseSocket, mediaSoFar, watchMedia } from '../src/media-watch.ts';
import { bookVisit, byTestId, callCore, clickTestId, nextVisit, openVisit, seesOther, signIn } from '../src/people.ts';
import { anyProducer, openRawSignaling, sessionCookie } from '../src/raw-signaling.ts';

const PATIENT = 0;
const PROVIDER = 1;
const RISING_MS = 20_000;
const REMOTE = byTestId('remote-video');

const disposables = new AsyncDisposableStack();
let database: Database;
let bedside: Bedside;
let patient: Page;
let provider: Page;
let visit: Appointment;

beforeAll(async () => {
  database = disposables.use(await startDatabase());
  bedside = disposables.use(await startBedside({ env: { DATABASE_URL: database.url } }));
  const openFor = async (person: 0 | 1): Promise<Page> => {
    const page = await disposables.use(await launchBrowser({ capture: await captureFiles(person) })).newPage();
    await watchMedia(page);
    return page;
  };
  patient = await openFor(PATIENT);
  provider = await openFor(PROVIDER);
  await signIn(patient, bedside.origin, 'Ruth Lindqvist');
  await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
  visit = await nextVisit(patient);
});
afterAll(() => disposables.disposeAsync());

/** Waits until the words stand in the element. */
const shows = (page: Page, selector: string, words: string) =>
  page.waitForFunction(
    (where, wanted) => document.querySelector(where)?.textContent?.includes(wanted),
    {},
    selector,
    words,
  );

/** Watches for words that may stand there for a moment only; what it gives resolves when they did. */
const watchFor = async (page: Page, selector: string, words: string): Promise<() => Promise<void>> => {
  const watch = await page.evaluateHandle(
    (where, wanted) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (document.querySelector(where)?.textContent?.includes(wanted)) resolve();
      };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
      look();
      return { promise };
    },
    selector,
    words,
  );
  return () => watch.evaluate(({ promise }) => promise);
};

const say = async (page: Page, text: string): Promise<void> => {
  await page.locator(byTestId('chat-input')).fill(text);
  await clickTestId(page, 'chat-send');
  await page.waitForFunction(
    (selector, wanted) => [...document.querySelectorAll(selector)].some((message) => message.textContent === wanted),
    {},
    byTestId('chat-text'),
    text,
  );
};

const thread = (page: Page): Promise<(string | null)[]> =>
  page.$$eval(byTestId('chat-text'), (messages) => messages.map((message) => message.textContent));

const patientRow = async (): Promise<{ presence: string; connected: boolean } | undefined> => {
  const rows = await database.query<{ presence: string; connected: boolean }>(
    `SELECT presence, connected FROM presences WHERE encounter_id = $1 AND role = 'patient'`,
    [visit.encounterId],
  );
  return rows[0];
};

describe('a patient and a provider meet', () => {
  test('WAIT1 WAIT2 before admission no media reaches either side, and no producer can be made', async () => {
    await openVisit(provider, bedside.origin, visit.encounterId);
    await clickTestId(provider, 'device-ready');
    await provider.waitForSelector(byTestId('visit-stage'));
    await openVisit(patient, bedside.origin, visit.encounterId);
    await clickTestId(patient, 'device-ready');
    await patient.waitForSelector(byTestId('waiting-room'));
    // The provider is told who waits; until then, and now, nothing but words has gone either way.
    await provider.waitForSelector(byTestId('admit'));

    expect(await mediaSoFar(patient)).toMatchObject({ sentBytes: 0, receivedBytes: 0 });
    expect((await mediaSoFar(provider)).receivedBytes).toBe(0);
    expect(await provider.$(REMOTE)).toBeNull();
    // Core is told beside the room, not before it.
    await expect.poll(patientRow).toEqual({ presence: 'ready', connected: true });
  });

  test('MED1 MED4 each side decodes the other’s frames and hears the other’s tone; frames rise for 20 s', async () => {
    await clickTestId(provider, 'admit');
    await seesOther(patient, PROVIDER);
    await seesOther(provider, PATIENT);

    for (const [page, other] of [
      [patient, PROVIDER],
      [provider, PATIENT],
    ] as const) {
      const tone = await page.evaluate((selector) => window.bedsideProbe.tone(selector), REMOTE);
      expect(Math.abs(tone.frequencyHz - TONE_HZ[other])).toBeLessThan(15);
      expect(tone.levelDb).toBeGreaterThan(-60);
    }

    const watch = async (page: Page, other: number) => {
      const startedAt = performance.now();
      let frames = 0;
      let steps = 0;
      let before: number | undefined;
      while (performance.now() - startedAt < RISING_MS) {
        const readings = await page.evaluate((selector) => window.bedsideProbe.frames(selector, 15), REMOTE);
        for (const reading of readings) {
          if (!reading.ok || reading.person !== other) continue;
          frames += 1;
          if (before !== undefined && framesBetween(before, reading.counter, VIDEO_FRAME_COUNT) > 0) steps += 1;
          before = reading.counter;
        }
      }
      return { frames, steps };
    };
    const [atPatient, atProvider] = await Promise.all([watch(patient, PROVIDER), watch(provider, PATIENT)]);
    // The cameras give 15 frames a second; what is asked for is that the picture lives, not how fast this machine is.
    for (const { frames, steps } of [atPatient, atProvider]) {
      expect(frames).toBeGreaterThan(60);
      expect(steps).toBeGreaterThan(frames / 2);
    }
  });

  test('CHAT1 CHAT3 chat arrives in order on both sides', async () => {
    await clickTestId(patient, 'open-chat');
    await clickTestId(provider, 'open-chat');
    const texts = Array.from({ length: 6 }, (_, index) => `Message ${index + 1}`);
    for (const [index, text] of texts.entries()) await say(index % 2 === 0 ? patient : provider, text);
    for (const page of [patient, provider]) {
      await page.waitForFunction(
        (selector, count) => document.querySelectorAll(selector).length === count,
        {},
        byTestId('chat-text'),
        texts.length,
      );
      expect(await thread(page)).toEqual(texts);
    }
    const stored = await database.query<{ seq: number }>(
      'SELECT seq FROM messages WHERE encounter_id = $1 ORDER BY seq',
      [visit.encounterId],
    );
    expect(stored.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('MED5 a host mutes the patient, and only the patient can take it up again', async () => {
    await clickTestId(provider, 'open-people');
    await clickTestId(provider, 'mute-other');
    await shows(patient, byTestId('toggle-microphone'), 'Unmute');
    await clickTestId(patient, 'toggle-microphone');
    await provider.waitForSelector(byTestId('mute-other'));
  });

  test('WAIT5 sent back, the patient’s media ends; admitted again, it comes back', async () => {
    await clickTestId(provider, 'send-back');
    await patient.waitForSelector(byTestId('waiting-room'));
    await provider.waitForFunction((selector) => document.querySelector(selector) === null, {}, REMOTE);
    await clickTestId(provider, 'admit');
    await seesOther(patient, PROVIDER);
    await seesOther(provider, PATIENT);
  });

  test('SES3 a lost socket is taken up again while the media runs on', async () => {
    const before = await mediaSoFar(patient);
    const wasSeen = await watchFor(provider, '.people', 'Connection lost');
    await loseSocket(patient);
    await wasSeen();
    await shows(provider, '.people', 'In the visit');
    await seesOther(patient, PROVIDER);
    expect((await mediaSoFar(patient)).connections).toBe(before.connections);
  });

  test('WAIT4 after a reload the patient comes straight in', async () => {
    await openVisit(patient, bedside.origin, visit.encounterId);
    await clickTestId(patient, 'device-ready');
    await seesOther(patient, PROVIDER);
    await seesOther(provider, PATIENT);
  });

  test('END1 END3 the provider ends the visit: both are told, the encounter is finished, the trail is there', async () => {
    await clickTestId(provider, 'leave');
    await clickTestId(provider, 'end-visit');
    for (const page of [patient, provider]) await page.waitForSelector(byTestId('after-visit'));

    const [encounter] = await database.query<{ status: string; end_reason: string; appointment: string }>(
      `SELECT e.status, e.end_reason, a.status AS appointment FROM encounters e JOIN appointments a ON a.id = e.appointment_id
       WHERE e.id = $1`,
      [visit.encounterId],
    );
    expect(encounter).toEqual({ status: 'finished', end_reason: 'ended-by-host', appointment: 'fulfilled' });
    const rows = await database.query<{ action: string; role: string }>(
      'SELECT action, role FROM audit_events WHERE encounter_id = $1 ORDER BY id',
      [visit.encounterId],
    );
    const trail = rows.map(({ role, action }) => `${role} ${action}`);
    for (const expected of [
      'patient encounter.read',
      'patient grant.issue',
      'patient grant.redeem',
      'provider grant.issue',
      'provider encounter.admit',
      'patient message.send',
      'provider message.send',
      'provider encounter.mute',
      'provider encounter.sendBack',
      'provider encounter.end',
    ]) {
      expect(trail).toContain(expected);
    }
    await expect(callCore(patient, 'POST', `/api/v1/encounters/${visit.encounterId}/grant`)).rejects.toThrow(
      'visit_over',
    );
  });

  test('END2 the encounter is also finished when everybody has left', async () => {
    const { encounterId } = await bookVisit(patient, 'Dr. Amara Okafor');
    await openVisit(provider, bedside.origin, encounterId);
    await clickTestId(provider, 'device-ready');
    await openVisit(patient, bedside.origin, encounterId);
    await clickTestId(patient, 'device-ready');
    await clickTestId(provider, 'admit');
    await seesOther(patient, PROVIDER);
    for (const page of [patient, provider]) {
      await clickTestId(page, 'leave');
      await clickTestId(page, 'leave-confirm');
      await page.waitForSelector(byTestId('after-visit'));
    }
    await expect
      .poll(() => database.query('SELECT status, end_reason FROM encounters WHERE id = $1', [encounterId]))
      .toEqual([{ status: 'finished', end_reason: 'everybody-left' }]);
  });
});

test('WAIT2 MED9 a session that waits can make nothing, whatever it says', async () => {
  const page = await disposables.use(await launchBrowser()).newPage();
  await signIn(page, bedside.origin, 'Darnell Brooks');
  const { encounterId } = await nextVisit(page);
  const grant = (await callCore(page, 'POST', `/api/v1/encounters/${encounterId}/grant`)) as Grant;
  const raw = await openRawSignaling({ origin: bedside.origin, cookie: await sessionCookie(page) });
  expect(await raw.ask('hello', { encounterId, grant: grant.token })).toMatchObject({ ok: true });
  expect(await raw.ask('ready', { rtpCapabilities: { codecs: [] } })).toMatchObject({ ok: true });
  for (const [type, data] of [
    ['media.produce', anyProducer()],
    [
      'media.connect',
      { transportId: 'guessed', dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: '00' }] } },
    ],
    ['media.resume', { consumerIds: ['guessed'] }],
    ['chat', { clientMessageId: crypto.randomUUID(), text: 'Hello?' }],
  ] as const) {
    expect(await raw.ask(type, data), type).toMatchObject({ ok: false, code: 'not_in_visit' });
  }
  expect(await raw.ask('admit', { personId: crypto.randomUUID() })).toMatchObject({ ok: false, code: 'not_permitted' });
  expect(raw.heard.join('')).not.toContain('media.offer');
  raw.close();
});
