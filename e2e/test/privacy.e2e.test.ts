import type { HTTPRequest, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { signInByHttp } from '../src/http-person.ts';
import { ADMIN, bookVisit, byTestId, clickTestId, FRONT_DESK, nextVisit, signIn } from '../src/people.ts';
import { choose } from './support/choose.ts';
import { enter } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const PATIENT = 'Ruth Lindqvist';
const DAY_MS = 86_400_000;
const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let patient: Page;
let admin: Page;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  patient = await disposables.use(await launchBrowser({ viewport: PHONE })).newPage();
  admin = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  await signIn(patient, bedside.origin, PATIENT);
  await signIn(admin, bedside.origin, ADMIN);
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const open = async (page: Page, path: string, ready: string): Promise<void> => {
  await page.goto(`${bedside.origin}${path}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector(ready);
};
const textsOf = (page: Page, id: string): Promise<string[]> =>
  page.$$eval(byTestId(id), (items) => items.map((item) => (item as HTMLElement).innerText));
const told = (page: Page, words: string) => page.waitForSelector(`${byTestId('done')} ::-p-text(${words})`);

describe('a patient', () => {
  test('finds who saw their record, by keyboard alone', async () => {
    const desk = await signInByHttp(bedside.origin, FRONT_DESK);
    const { id } = await bookVisit(patient, 'Mei Tan, NP');
    await desk.call('GET', `/api/v1/appointments/${id}`);
    await open(patient, '/', byTestId('privacy-open'));
    await enter(patient, byTestId('privacy-open'));
    await patient.waitForSelector('h1 ::-p-text(Your record and privacy)');
    await look(patient, 'privacy');
    await enter(patient, 'a[href="/privacy/who"]');
    await patient.waitForSelector(byTestId('access'));
    await look(patient, 'record-access');
    expect(await textsOf(patient, 'access')).toContainEqual(
      expect.stringContaining(`${FRONT_DESK} (front desk) looked at it`),
    );
  });

  test('gets their record as a page and as FHIR, and nobody else’s', async () => {
    await open(patient, '/privacy/copy', byTestId('copy-get'));
    await look(patient, 'record-copy');
    const files: string[] = [];
    const session = await patient.createCDPSession();
    await patient.exposeFunction('e2eSaved', (text: string) => void files.push(text));
    // What would be a file on disk is read instead.
    await patient.evaluate(() => {
      const made = URL.createObjectURL;
      URL.createObjectURL = (file) => {
        if (file instanceof Blob) void file.text().then((text) => Reflect.get(window, 'e2eSaved')(text));
        return made(file);
      };
    });
    await session.send('Browser.setDownloadBehavior', { behavior: 'deny' });
    await clickTestId(patient, 'copy-get');
    await told(patient, 'Your record is in your downloads');
    await clickTestId(patient, 'copy-fhir');
    await clickTestId(patient, 'copy-get');
    await expect.poll(() => files.length).toBe(2);
    expect(files[0]).toContain(PATIENT);
    expect(files[0]).not.toContain('Darnell Brooks');
    expect(JSON.parse(files[1] ?? '')).toMatchObject({ resourceType: 'Bundle' });
  });

  test('asks for a correction, is denied with a ground, and objects; all of it stays', async () => {
    await open(patient, '/privacy/corrections', byTestId('correction-new'));
    await look(patient, 'corrections-none');
    await clickTestId(patient, 'correction-new');
    await choose(patient, 'correction-about', 'What is said about a visit');
    await patient.waitForSelector(byTestId('correction-visit'));
    await patient.locator(byTestId('correction-statement')).fill('It says that I smoke.');
    await patient.locator(byTestId('correction-proposed')).fill('I have never smoked.');
    await look(patient, 'correction-form');
    await clickTestId(patient, 'correction-send');
    await told(patient, 'Your request is with the clinic');
    await patient.waitForSelector(byTestId('correction-withdraw'));
    await look(patient, 'corrections');

    await open(admin, '/corrections', byTestId('correction-deny'));
    await look(admin, 'desk-corrections');
    await clickTestId(admin, 'correction-deny');
    await admin.locator(byTestId('answer-note')).fill('It is what the letter of your last clinic says.');
    await look(admin, 'correction-answer');
    await clickTestId(admin, 'answer-send');
    await told(admin, 'The request is denied');
    await admin.waitForSelector(byTestId('correction'), { hidden: true });

    await open(patient, '/privacy/corrections', byTestId('correction-object'));
    await clickTestId(patient, 'correction-object');
    await patient.locator(byTestId('correction-objection')).fill('That letter is about somebody else.');
    await patient.keyboard.press('Tab');
    await patient.keyboard.press('Enter');
    await told(patient, 'What you wrote goes with your record');
    await expect
      .poll(() => textsOf(patient, 'correction'))
      .toEqual([expect.stringMatching(/never smoked[\s\S]*letter of your last clinic[\s\S]*somebody else/)]);
    await look(patient, 'corrections-objected');
  });

  test('sees where they are signed in, and signs out elsewhere', async () => {
    const other = await signInByHttp(bedside.origin, PATIENT);
    await open(patient, '/account', byTestId('session-end'));
    await look(patient, 'account');
    const count = (await textsOf(patient, 'own-session')).length;
    await clickTestId(patient, 'session-end');
    await told(patient, 'You are signed out there');
    await expect.poll(async () => (await textsOf(patient, 'own-session')).length).toBe(count - 1);
    await expect(other.call('GET', '/api/v1/appointments')).rejects.toThrow(/401/);
  });

  test('adds a security key and removes it, proving with it who they are', async () => {
    const session = await patient.createCDPSession();
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await open(patient, '/account', byTestId('passkey-name'));
    await patient.locator(byTestId('passkey-name')).fill('My phone');
    await clickTestId(patient, 'passkey-add');
    await told(patient, 'My phone is added');
    await patient.waitForSelector(byTestId('passkey'));
    await look(patient, 'account-key');

    // As after some time: core wants a fresh proof first. What was asked for is then done without asking again.
    const problem = { type: 'urn:bedside:problem:step_up_required', title: 'x', status: 403, code: 'step_up_required' };
    const ways = { passkey: '/api/v1/me/passkeys/assertion/options', signIn: '/auth/login?step_up=true' };
    let asked = 0;
    const refuseFirst = (request: HTTPRequest): void => {
      const isFirst = request.method() === 'DELETE' && ++asked === 1;
      const body = JSON.stringify({ ...problem, stepUp: ways });
      void (isFirst
        ? request.respond({ status: 403, contentType: 'application/problem+json', body })
        : request.continue());
    };
    await patient.setRequestInterception(true);
    patient.on('request', refuseFirst);
    await clickTestId(patient, 'passkey-remove');
    await patient.waitForSelector(byTestId('step-up-passkey'));
    await look(patient, 'step-up');
    expect(await patient.$eval(byTestId('step-up-sign-in'), (link) => link.getAttribute('href'))).toBe(
      '/auth/login?step_up=true&return_to=%2Faccount',
    );
    await clickTestId(patient, 'step-up-passkey');
    await told(patient, 'My phone is removed');
    await patient.waitForSelector(byTestId('passkey'), { hidden: true });
    expect(asked).toBe(2);
    patient.off('request', refuseFirst);
    await patient.setRequestInterception(false);
    await session.send('WebAuthn.disable');
  });
});

describe('who watches over the clinic', () => {
  test('searches the audit trail by patient, by person and by result', async () => {
    const { patient: who } = await nextVisit(patient);
    await open(admin, '/audit', byTestId('audit-event'));
    await look(admin, 'audit');
    await admin.locator(byTestId('patient-search')).fill('lindq');
    await clickTestId(admin, 'found-patient');
    await admin.waitForSelector(byTestId('audit-all'));
    const about = () =>
      admin.$$eval(`${'[data-testid="audit-event"]'} td:nth-child(4)`, (cells) => [
        ...new Set(cells.map((cell) => cell.querySelector('button')?.firstChild?.textContent ?? '')),
      ]);
    await expect.poll(about).toEqual([who?.displayName]);
    await admin.locator(`${byTestId('audit-event')} ::-p-text(${FRONT_DESK})`).click();
    await expect.poll(async () => (await admin.$$(byTestId('audit-all'))).length).toBe(2);
    await look(admin, 'audit-narrowed');
    const before = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(Date.now() - 2 * DAY_MS);
    await admin.locator(byTestId('audit-to')).fill(before);
    await admin.waitForSelector('::-p-text(Nothing was found)');
  });

  test('sees how far the trail is sealed, and takes a copy for a purpose that stays in it', async () => {
    await open(admin, '/audit', byTestId('audit-status'));
    expect(await textsOf(admin, 'audit-status')).toEqual([expect.stringMatching(/^Sealed up to (today|yesterday)/)]);
    const files: string[] = [];
    await admin.exposeFunction('e2eSaved', (text: string) => void files.push(text));
    await admin.evaluate(() => {
      const made = URL.createObjectURL;
      URL.createObjectURL = (file) => {
        if (file instanceof Blob) void file.text().then((text) => Reflect.get(window, 'e2eSaved')(text));
        return made(file);
      };
    });
    await (await admin.createCDPSession()).send('Browser.setDownloadBehavior', { behavior: 'deny' });
    await clickTestId(admin, 'audit-export');
    await choose(admin, 'export-purpose', 'A court');
    await look(admin, 'audit-export');
    await clickTestId(admin, 'export-get');
    await told(admin, 'The entries are in your downloads');
    await expect.poll(() => files.length).toBe(1);
    expect(files[0]).toMatch(/^id,at,person,[\s\S]*Ruth Lindqvist/);
    await open(admin, '/audit', byTestId('audit-event'));
    await expect.poll(async () => (await textsOf(admin, 'audit-event')).join()).toMatch(/audit\.export[\s\S]*legal/);
  });

  test('records an agreement and ends it', async () => {
    await open(admin, '/agreements', byTestId('agreement-add'));
    await look(admin, 'agreements-none');
    await clickTestId(admin, 'agreement-add');
    await admin.locator(byTestId('agreement-vendor')).fill('Lighthouse Mail');
    await admin.locator(byTestId('agreement-purpose')).fill('Sending reminders');
    await admin.locator(byTestId('agreement-destination')).fill('mail.lighthouse.example');
    await admin.locator(byTestId('agreement-documentReference')).fill('Contracts, drawer 3');
    await clickTestId(admin, 'agreement-contact');
    await look(admin, 'agreement-form');
    await clickTestId(admin, 'agreement-save');
    await told(admin, 'The agreement with Lighthouse Mail is recorded');
    await admin.waitForSelector('[aria-label="End: Lighthouse Mail"]');
    await look(admin, 'agreements');
    await admin.locator('[aria-label="End: Lighthouse Mail"]').click();
    await clickTestId(admin, 'agreement-end-confirm');
    await told(admin, 'The agreement with Lighthouse Mail is over');
  });

  test('a patient is shown none of it', async () => {
    for (const path of ['/audit', '/corrections', '/agreements', '/access-reviews', '/machines', '/rules/payers']) {
      await open(patient, path, 'h1 ::-p-text(no page at this address)');
    }
  });
});
