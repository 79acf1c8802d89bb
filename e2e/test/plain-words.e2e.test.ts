import type { Appointment } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../src/axe.ts';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { type BrowserOptions, launchBrowser } from '../src/browser.ts';
import { signInByHttp } from '../src/http-person.ts';
import {
  byTestId,
  clickTestId,
  type DemoPerson,
  type DemoProvider,
  nextVisit,
  openVisit,
  signIn,
} from '../src/people.ts';

let bedside: Bedside;
beforeAll(async () => {
  bedside = await startBedside();
});
afterAll(() => bedside.close());

const textOf = (page: Page, id: string): Promise<string[]> =>
  page.$$eval(byTestId(id), (elements) => elements.map((element) => element.textContent ?? ''));

/** A patient whose browser is as `options` say opens their visit; the clinic lets them in, and they write. */
const joinAndWrite = async (page: Page, { encounterId, provider: { displayName } }: Appointment): Promise<void> => {
  const provider = await signInByHttp(bedside.origin, displayName as DemoProvider);
  const host = await provider.hello(encounterId);
  await host.ask('ready', { rtpCapabilities: { codecs: [] } });
  const waits = host.heardEvent('room', (data) => JSON.stringify(data).includes('"presence":"ready"'));
  await clickTestId(page, 'device-ready');
  const room = (await waits) as { room?: unknown; others?: { personId: string; presence: string }[] };
  const { others = [] } = (room.room ?? room) as typeof room;
  const personId = others.find(({ presence }) => presence === 'ready')?.personId;
  expect(await host.ask('admit', { personId })).toMatchObject({ ok: true });
  await page.waitForSelector(byTestId('visit-stage'));
  const heard = host.heardEvent('chat');
  await clickTestId(page, 'open-chat');
  await page.locator(byTestId('chat-input')).fill('I can only write today.');
  await clickTestId(page, 'chat-send');
  expect(await heard).toMatchObject({ text: 'I can only write today.' });
  host.close();
};

interface Case {
  readonly what: string;
  readonly person: DemoPerson;
  readonly browser: BrowserOptions;
  /** Taken from the browser before the page loads. */
  readonly without?: 'audio';
  readonly says: RegExp;
  readonly button: string;
}

test.each<Case>([
  {
    what: 'who refuses camera and microphone',
    person: 'Ruth Lindqvist',
    browser: { camera: 'refused' },
    says: /allow|permission/i,
    button: 'Join and write',
  },
  {
    what: 'who has neither camera nor microphone',
    person: 'Darnell Brooks',
    browser: { camera: 'missing' },
    says: /no camera|not find|found/i,
    button: 'Join and write',
  },
  {
    what: 'who has a camera and no microphone',
    person: 'Priya Raman',
    browser: {},
    without: 'audio',
    says: /microphone/i,
    button: 'Join without a microphone',
  },
])('$what is told so in a plain sentence, and joins all the same', async (given) => {
  await using browser = await launchBrowser(given.browser);
  const page = await browser.newPage();
  if (given.without !== undefined) {
    await page.evaluateOnNewDocument(() => {
      const native = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (constraints) =>
        constraints?.audio ? Promise.reject(new DOMException('none', 'NotFoundError')) : native(constraints);
    });
  }
  await signIn(page, bedside.origin, given.person);
  const visit = await nextVisit(page);
  await openVisit(page, bedside.origin, visit.encounterId);
  await page.waitForSelector(byTestId('device-problem'));
  // Camera and microphone are asked for one after the other; the button says what came of both.
  await page.waitForFunction(
    (selector, words) => document.querySelector(selector)?.textContent === words,
    {},
    byTestId('device-ready'),
    given.button,
  );
  const sentences = await textOf(page, 'device-problem');
  expect(sentences.join(' ')).toMatch(given.says);
  for (const sentence of sentences) {
    expect(sentence).toMatch(/^[A-Z].*\.$/s);
    expect(sentence).not.toMatch(/Error|NotAllowed|NotFound|getUserMedia|undefined/);
  }
  expect(await axeFindings(page)).toEqual([]);
  await joinAndWrite(page, visit);
});

test('who has a browser without WebRTC is told which browser to take', async () => {
  await using browser = await launchBrowser({ webRtc: false });
  const page = await browser.newPage();
  await signIn(page, bedside.origin, 'Tomasz Zieliński');
  const { encounterId } = await nextVisit(page);
  await page.goto(`${bedside.origin}/visit/${encounterId}`);
  await page.waitForSelector(byTestId('closed-door'));
  expect((await textOf(page, 'closed-door')).join()).toContain('This browser cannot make video calls.');
  expect((await textOf(page, 'closed-door')).join()).toContain('Chrome, Edge, Firefox or Safari');
  expect(await axeFindings(page)).toEqual([]);
});
