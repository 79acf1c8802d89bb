import { randomUUID } from 'node:crypto';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { meetByHttp, signInByHttp } from '../src/http-person.ts';
import { byTestId, COMPLIANCE, callCore, clickTestId, type DemoProvider, FRONT_DESK, signIn } from '../src/people.ts';
import { choose } from './support/choose.ts';
import { enter } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const PATIENT = 'Priya Raman';
const FRIEND = 'Darnell Brooks';
const DOCTOR = 'Dr. Amara Okafor';
const STAND_IN = 'Dr. Luis Herrera';
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
    expect(await textsOf(friend, 'acting-open')).toEqual([`Visits of ${PATIENT}`]);
    await look(friend, 'own-proxies-acting');

    await enter(patient, byTestId('proxy-end'));
    await enter(patient, byTestId('proxy-end-confirm'));
    await told(patient, `acts for ${PATIENT} no more`);
    await patient.waitForSelector(byTestId('proxies-none'));
  });

  test('the front desk keeps a care team: adds, ends, and sees what is over', async () => {
    const desk = await pageOf(FRONT_DESK);
    await open(desk, '/care-teams', byTestId('patient-search'));
    await look(desk, 'care-teams');
    await desk.locator(byTestId('patient-search')).fill('zieli');
    await clickTestId(desk, 'found-patient');
    await desk.waitForSelector('::-p-text(Nobody is on the care team.)');
    await enter(desk, byTestId('care-team-add'));
    await choose(desk, 'care-team-member', DOCTOR);
    await look(desk, 'care-team-form');
    await enter(desk, byTestId('care-team-save'));
    await told(desk, `${DOCTOR} is on the care team of Tomasz Zieliński`);
    await desk.waitForSelector(byTestId('care-team'));
    expect(await textsOf(desk, 'care-team')).toEqual([expect.stringMatching(/^Dr. Amara Okafor\s+Since today/)]);
    await look(desk, 'care-team');
    await clickTestId(desk, 'care-team-end');
    await look(desk, 'care-team-ending');
    await clickTestId(desk, 'care-team-end-confirm');
    await told(desk, `${DOCTOR} is no longer on the care team`);
    await clickTestId(desk, 'care-team-past');
    await desk.waitForSelector(byTestId('care-team-over'), { visible: true });
    expect(await desk.$(byTestId('care-team'))).toBeNull();
    expect(await textsOf(desk, 'care-team-over')).toEqual([expect.stringMatching(/From today at .*, until today at/)]);
    await look(desk, 'care-team-over');
  });

  test('a provider has somebody stand in by keyboard alone; both see it, and it is ended by who is away or the desk', async () => {
    const doctor = await pageOf(DOCTOR);
    await open(doctor, '/cover', byTestId('cover-add'));
    await enter(doctor, byTestId('cover-add'));
    // Nobody stands in for themselves.
    await choose(doctor, 'cover-covering', STAND_IN);
    expect(await doctor.$eval(byTestId('cover-covering'), (select) => (select as HTMLElement).innerText)).not.toContain(
      DOCTOR,
    );
    await look(doctor, 'cover-form');
    await enter(doctor, byTestId('cover-save'));
    await told(doctor, `${STAND_IN} stands in for you`);
    await doctor.waitForSelector(byTestId('cover'));
    await look(doctor, 'cover');
    const words = `${STAND_IN} stands in for ${DOCTOR}`;
    const other = await pageOf(STAND_IN);
    await open(other, '/cover', byTestId('cover'));
    expect(await textsOf(other, 'cover')).toEqual([expect.stringContaining(words)]);
    expect(await other.$(byTestId('cover-end'))).toBeNull();

    const desk = await pageOf(FRONT_DESK);
    await open(desk, '/cover', byTestId('cover-end'));
    await clickTestId(desk, 'cover-end');
    await clickTestId(desk, 'cover-end-confirm');
    await told(desk, `${words} no more`);
    await clickTestId(desk, 'cover-past');
    await desk.waitForSelector(byTestId('cover-over'), { visible: true });
    // The desk enters one for somebody, from tomorrow on: it is to come, and in force for nobody yet.
    await clickTestId(desk, 'cover-add');
    await choose(desk, 'cover-provider', DOCTOR);
    await choose(desk, 'cover-covering', STAND_IN);
    await desk.$eval(byTestId('cover-from'), (input) => {
      const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
      (input as HTMLInputElement).value = day;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await look(desk, 'cover-desk-form');
    await clickTestId(desk, 'cover-save');
    await told(desk, `${STAND_IN} stands in for ${DOCTOR}`);
    await desk.waitForSelector(byTestId('cover'));
    expect(await textsOf(desk, 'cover')).toEqual([expect.stringMatching(/stands in for [\s\S]*From /)]);
    await look(desk, 'cover-desk');
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
