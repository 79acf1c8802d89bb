import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser, type TestBrowser } from '../src/browser.ts';
import { framesBetween } from '../src/frame-code.ts';
import { captureFiles, TONE_HZ, VIDEO_FRAME_COUNT } from '../src/media-files.ts';
import { byTestId, callCore, clickTestId, nextVisit, openVisit, signIn } from '../src/people.ts';

const PATIENT = 0;
const PROVIDER = 1;

let bedside: Bedside;
let patientBrowser: TestBrowser;
let providerBrowser: TestBrowser;
let patient: Page;
let provider: Page;

beforeAll(async () => {
  bedside = await startBedside();
  patientBrowser = await launchBrowser({ capture: await captureFiles(PATIENT) });
  providerBrowser = await launchBrowser({ capture: await captureFiles(PROVIDER) });
  patient = await patientBrowser.newPage();
  provider = await providerBrowser.newPage();
});
afterAll(async () => {
  await patientBrowser?.close();
  await providerBrowser?.close();
  await bedside?.close();
});

test('x', async () => {
  const { origin } = bedside;
  await signIn(patient, origin, 'demo-ruth-lindqvist');
  await signIn(provider, origin, 'demo-amara-okafor');
  const visit = await nextVisit(patient);
  await openVisit(provider, origin, visit.encounterId);
  await clickTestId(provider, 'device-ready');
  await openVisit(patient, origin, visit.encounterId);
  await clickTestId(patient, 'device-ready');
  await patient.waitForSelector(byTestId('waiting-room'));
  await patient.screenshot({ path: '/tmp/s-waiting.png' });
  await clickTestId(provider, 'admit');
  for (const page of [patient, provider]) {
    await page.waitForFunction((selector) => document.querySelector(selector) && window.bedsideProbe.frame(selector).ok, {}, byTestId('remote-video'));
    console.log(await page.evaluate((selector) => window.bedsideProbe.frame(selector), byTestId('remote-video')));
    console.log(await page.evaluate((selector) => window.bedsideProbe.tone(selector), byTestId('remote-video')));
  }
  await patient.screenshot({ path: '/tmp/s-visit-p.png' });
  await provider.screenshot({ path: '/tmp/s-visit-d.png' });
  console.log(await patient.evaluate(async () => (await window.bedsideProbe.join.done)));
});
