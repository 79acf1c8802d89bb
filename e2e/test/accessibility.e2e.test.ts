import type { HTTPRequest, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import { bookVisit, byTestId, clickTestId, type DemoProvider, nextVisit, openVisit, signIn } from '../src/people.ts';
import { tabTo } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const PHONE = { width: 390, height: 844 };
const SIGN_IN_ERRORS = ['sign_in_failed', 'account_unknown', 'unavailable', 'sign_in_required', 'rate_limited', 'new'];

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let patient: Page;
let provider: Page;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  patient = await disposables.use(await launchBrowser({ viewport: PHONE, capture: await captureFiles(0) })).newPage();
  provider = await disposables.use(await launchBrowser({ viewport: PHONE, capture: await captureFiles(1) })).newPage();
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};

describe('every page and state has no finding, light and dark, on a phone and on a desk', () => {
  test('before signing in', async () => {
    await patient.goto(bedside.origin);
    await patient.waitForSelector(byTestId('sign-in'));
    await look(patient, 'signed-out');
    for (const code of SIGN_IN_ERRORS) {
      await patient.goto(`${bedside.origin}/?sign-in=${code}`);
      await patient.waitForSelector('[role="alert"], .notice');
      await look(patient, `sign-in-${code}`);
    }
    // A clinic with several issuers.
    const issuers = [
      { id: 'health-account', label: 'your health account', for: ['patients'] },
      { id: 'hospital', label: 'the hospital’s account', for: ['staff'] },
    ];
    const twoWays = (request: HTTPRequest): void => {
      const isAsked = request.url().endsWith('/auth/issuers');
      const answer = { contentType: 'application/json; charset=utf-8', body: JSON.stringify({ issuers }) };
      void (isAsked ? request.respond(answer) : request.continue());
    };
    await patient.setRequestInterception(true);
    patient.on('request', twoWays);
    await patient.goto(bedside.origin);
    await patient.waitForSelector('[href*="issuer=hospital"]');
    await look(patient, 'sign-in-several');
    patient.off('request', twoWays);
    await patient.setRequestInterception(false);
  });

  test('the patient’s pages', async () => {
    await signIn(patient, bedside.origin, 'Ruth Lindqvist');
    await patient.waitForSelector(byTestId('join-visit'));
    await look(patient, 'home');
    await bookVisit(patient, 'Mei Tan, NP');
    await patient.reload();
    await patient.waitForSelector(byTestId('later-visit'));
    await look(patient, 'home-two-visits');
    // Shortly before midnight the demo's own visit has begun, and can be cancelled no more.
    await patient.locator(`${byTestId('later-visit')} ${byTestId('cancel-visit')}`).click();
    await patient.waitForSelector(byTestId('cancel-confirm'));
    await look(patient, 'cancel-dialog');
    await patient.keyboard.press('Escape');
  });

  test('doors that stay closed, and nowhere', async () => {
    await patient.goto(`${bedside.origin}/visit/${crypto.randomUUID()}`);
    await patient.waitForSelector(byTestId('closed-door'));
    await look(patient, 'door-unknown');
    await patient.goto(`${bedside.origin}/no/such/page`);
    await patient.waitForSelector('h1');
    await look(patient, 'not-found');
  });

  test('the visit, from the device check to the goodbye', async () => {
    const { encounterId } = await nextVisit(patient);
    await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
    await provider.waitForSelector(byTestId('day-entry'));
    await look(provider, 'day');
    await openVisit(patient, bedside.origin, encounterId);
    await look(patient, 'device-check');
    await clickTestId(patient, 'device-ready');
    await patient.waitForSelector(byTestId('waiting-room'));
    await look(patient, 'waiting-room');
    await clickTestId(patient, 'leave');
    await patient.waitForSelector(byTestId('leave-confirm'));
    await look(patient, 'waiting-leave-dialog');
    await patient.keyboard.press('Escape');
    await provider.waitForSelector(byTestId('admit'));
    await look(provider, 'day-somebody-waits');

    await openVisit(provider, bedside.origin, encounterId);
    await look(provider, 'device-check-provider');
    await clickTestId(provider, 'device-ready');
    await provider.waitForSelector(`${byTestId('visit-stage')} ${byTestId('admit')}`);
    await look(provider, 'stage-somebody-waits');
    await clickTestId(provider, 'admit');
    for (const page of [patient, provider]) {
      await page.waitForFunction(
        (selector) => (document.querySelector<HTMLVideoElement>(selector)?.videoWidth ?? 0) > 0,
        {},
        byTestId('remote-video'),
      );
    }
    await look(patient, 'visit-patient');
    await look(provider, 'visit-provider');
    await clickTestId(patient, 'open-chat');
    await patient.locator(byTestId('chat-input')).fill('Good morning. I have the letter of the laboratory here.');
    await clickTestId(patient, 'chat-send');
    await patient.waitForSelector(byTestId('chat-text'));
    await look(patient, 'visit-chat');
    await clickTestId(provider, 'open-people');
    await look(provider, 'visit-people');
    await clickTestId(provider, 'open-devices');
    await look(provider, 'visit-devices');
    await clickTestId(patient, 'leave');
    await patient.waitForSelector(byTestId('leave-confirm'));
    await look(patient, 'leave-dialog');
    await clickTestId(patient, 'leave-confirm');
    await patient.waitForSelector(byTestId('after-visit'));
    await look(patient, 'after-visit-patient');
    await clickTestId(provider, 'leave');
    await provider.waitForSelector(byTestId('end-visit'));
    await look(provider, 'end-dialog');
    await clickTestId(provider, 'end-visit');
    await provider.waitForSelector(byTestId('after-visit'));
    await look(provider, 'after-visit-provider');
    await patient.goto(`${bedside.origin}/visit/${encounterId}`);
    await patient.waitForSelector(`${byTestId('closed-door')}, ${byTestId('after-visit')}`);
    await look(patient, 'door-over');
  });
});

test('with the keyboard alone a patient signs in, joins, writes and leaves, and the focus is always seen', async () => {
  const page = await disposables.use(await launchBrowser({ capture: await captureFiles(2) })).newPage();
  await page.goto(bedside.origin);
  await page.waitForSelector(byTestId('sign-in'));
  await tabTo(page, byTestId('sign-in'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('button[name="subject"]');
  const subject = await page.$$eval('button[name="subject"]', (buttons) =>
    buttons.find((button) => button.textContent?.includes('Darnell Brooks'))?.getAttribute('value'),
  );
  await tabTo(page, `button[value="${subject}"]`);
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('join-visit'));
  const visit = await nextVisit(page);
  await tabTo(page, byTestId('join-visit'));
  await page.keyboard.press('Enter');
  await page.waitForSelector(`${byTestId('device-ready')}:not([disabled])`);
  await tabTo(page, byTestId('device-ready'));
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('waiting-room'));

  const host = await disposables.use(await launchBrowser({ capture: await captureFiles(3) })).newPage();
  await signIn(host, bedside.origin, visit.provider.displayName as DemoProvider);
  await openVisit(host, bedside.origin, visit.encounterId);
  await clickTestId(host, 'device-ready');
  await clickTestId(host, 'admit');
  await page.waitForSelector(byTestId('visit-stage'));

  await tabTo(page, byTestId('open-chat'));
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('chat-input'));
  if (!(await page.$eval(byTestId('chat-input'), (input) => input === document.activeElement)))
    await tabTo(page, byTestId('chat-input'));
  await page.keyboard.type('Typed without a mouse');
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('chat-text'));
  await tabTo(page, byTestId('leave'));
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('leave-confirm'));
  if (!(await page.$eval(byTestId('leave-confirm'), (button) => button === document.activeElement)))
    await tabTo(page, byTestId('leave-confirm'));
  await page.keyboard.press('Enter');
  await page.waitForSelector(byTestId('after-visit'));
});
