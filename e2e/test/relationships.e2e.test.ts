import { randomUUID } from 'node:crypto';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { meetByHttp, signInByHttp } from '../src/http-person.ts';
import { byTestId, COMPLIANCE, callCore, clickTestId, type DemoProvider, FRONT_DESK, signIn } from '../src/people.ts';
import { enter } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const PATIENT = 'Priya Raman';
const FRIEND = 'Darnell Brooks';
const DOCTOR = 'Dr. Amara Okafor';
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
});
afterAll(() => disposables.disposeAsync());

const pageOf = async (...[person]: [Parameters<typeof signIn>[2]]): Promise<Page> => {
  const page = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  await signIn(page, bedside.origin, person);
  return page;
};
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

describe('who has to do with whom', () => {
  test('the front desk adds a proxy; the patient sees who it is, and ends it by keyboard alone', async () => {
    const desk = await pageOf(FRONT_DESK);
    await open(desk, '/proxies', byTestId('proxy-add'));
    await clickTestId(desk, 'proxy-add');
    for (const search of ['raman', 'brooks']) {
      await desk.locator(byTestId('patient-search')).fill(search);
      await clickTestId(desk, 'found-patient');
      await desk.waitForFunction(
        (selector, count) => document.querySelectorAll(selector).length === count,
        {},
        byTestId('picked-patient'),
        search === 'raman' ? 1 : 2,
      );
    }
    await look(desk, 'proxy-form');
    await clickTestId(desk, 'proxy-save');
    await told(desk, `${FRIEND} acts for ${PATIENT} now`);
    await desk.waitForSelector(byTestId('proxy'));
    await look(desk, 'proxies');

    const patient = await pageOf(PATIENT);
    await open(patient, '/privacy/people', byTestId('proxy'));
    expect(await textsOf(patient, 'proxy')).toEqual([
      expect.stringContaining(`${FRIEND} may see the record and book, move and cancel visits`),
    ]);
    await look(patient, 'own-proxies');
    const friend = await pageOf(FRIEND);
    await open(friend, '/privacy/people', byTestId('proxy'));
    expect(await textsOf(friend, 'proxy')).toEqual([expect.stringContaining(`For ${PATIENT} you may see`)]);
    expect(await friend.$(byTestId('proxy-end'))).toBeNull();

    await enter(patient, byTestId('proxy-end'));
    await enter(patient, byTestId('proxy-end-confirm'));
    await told(patient, `acts for ${PATIENT} no more`);
    await patient.waitForSelector(byTestId('proxies-none'));
  });

  test('a provider opens a record in an emergency with a reason, which compliance reads at once', async () => {
    const samira = await signInByHttp(bedside.origin, 'Samira Haddad');
    const { me } = samira;
    const visit = await samira.nextVisit();
    const provider = await signInByHttp(bedside.origin, visit.provider.displayName as DemoProvider);
    const { guest, host } = await meetByHttp({ patient: samira, provider, encounterId: visit.encounterId });
    const text = 'Penicillin gave me a rash once.';
    expect(await guest.ask('chat', { clientMessageId: randomUUID(), text })).toMatchObject({ ok: true });
    for (const connection of [guest, host]) connection.close();
    const doctor = await pageOf(DOCTOR);
    await open(doctor, `/emergency/${me.person.id}`, byTestId('emergency-ask'));
    await look(doctor, 'emergency-closed');
    await clickTestId(doctor, 'emergency-ask');
    await doctor.locator(byTestId('emergency-reason')).fill('Brought in unconscious, allergies are not known');
    await look(doctor, 'emergency-form');
    await clickTestId(doctor, 'emergency-open-it');
    await told(doctor, 'The record is open to you');
    await doctor.waitForSelector(byTestId('emergency-open'));
    await doctor.waitForSelector(byTestId('patient-visit'));
    await look(doctor, 'emergency-open');
    expect(await textsOf(doctor, 'patient-visit')).toEqual([
      expect.stringContaining(`${visit.visitType.name} with ${visit.provider.displayName}`),
    ]);
    await clickTestId(doctor, 'visit-messages');
    await doctor.waitForSelector(byTestId('visit-message'));
    expect(await textsOf(doctor, 'visit-message')).toEqual([expect.stringMatching(`Samira Haddad,[^]*${text}`)]);
    await look(doctor, 'emergency-messages');
    await doctor.keyboard.press('Escape');

    const compliance = await pageOf(COMPLIANCE);
    await compliance.waitForSelector(byTestId('emergency'));
    await look(compliance, 'compliance-home');
    expect(await textsOf(compliance, 'emergency')).toEqual([
      expect.stringMatching(/^Dr. Amara Okafor reads the record of Samira Haddad: “Brought in unconscious/),
    ]);
    await clickTestId(doctor, 'emergency-end');
    await told(doctor, 'Your emergency access is over');
    await doctor.waitForSelector(byTestId('emergency-ask'));
    expect(await doctor.$(byTestId('patient-visit'))).toBeNull();
    expect(await callCore(doctor, 'GET', '/api/v1/relationships')).toMatchObject({ emergencies: [] });
  });
});
