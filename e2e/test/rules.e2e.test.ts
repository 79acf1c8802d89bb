import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { type Database, startDatabase } from '../src/database.ts';
import { ADMIN, byTestId, callCore, clickTestId, FRONT_DESK, signIn, VISIT_TYPE } from '../src/people.ts';
import { choose } from './support/choose.ts';
import { freeTime, pressTime } from './support/free-time.ts';
import { enter } from './support/keyboard.ts';
import { lookAt } from './support/look-at.ts';

const DOCTOR = 'Dr. Luis Herrera';
const PAYER = 'Harbor Health Plan';
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let database: Database;
let bedside: Bedside;
let admin: Page;
let patient: Page;

beforeAll(async () => {
  database = disposables.use(await startDatabase());
  bedside = disposables.use(await startBedside({ env: { DATABASE_URL: database.url } }));
  admin = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  patient = await disposables.use(await launchBrowser({ viewport: { width: 390, height: 844 } })).newPage();
  await signIn(admin, bedside.origin, ADMIN);
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const open = async (page: Page, path: string, ready: string): Promise<void> => {
  await page.goto(`${bedside.origin}${path}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector(byTestId(ready));
};
const done = (words: string) => admin.waitForSelector(`${byTestId('done')} ::-p-text(${words})`);

describe('the rules of the house', () => {
  test('an administrator adds a payer and says what it pays for, and ends that again', async () => {
    await open(admin, '/rules/payers', 'payer-name');
    await look(admin, 'rules-payers-none');
    await admin.locator(byTestId('payer-name')).fill(PAYER);
    await clickTestId(admin, 'payer-add');
    await done(`${PAYER} can be named`);
    await clickTestId(admin, 'payer-rule-add');
    await choose(admin, 'payer-rule-payer', PAYER);
    await admin.select(byTestId('payer-rule-effect'), 'deny');
    await choose(admin, 'payer-rule-type', 'First visit');
    await admin.select(byTestId('payer-rule-region'), 'US-NY');
    await admin.locator(byTestId('dated-source')).fill('Contract of 2026, page 4');
    await look(admin, 'rules-payer-rule');
    await clickTestId(admin, 'dated-save');
    await done(`${PAYER} does not pay for First visit in New York`);
    await admin.waitForSelector(byTestId('payer-rule'));
    await look(admin, 'rules-payers');
    await clickTestId(admin, 'payer-rule-end');
    await admin.waitForSelector(byTestId('end-save'));
    await look(admin, 'rules-end');
    await clickTestId(admin, 'end-save');
    await done('Ends: ');
    const [rule] = await database.query<{ valid_to: Date | null; effect: string }>('SELECT * FROM payer_rules');
    expect(rule?.effect).toBe('deny');
    expect(rule?.valid_to).not.toBeNull();
  });

  test('a licence is added by keyboard alone', async () => {
    await open(admin, '/rules/licenses', 'license-provider');
    await choose(admin, 'license-provider', DOCTOR);
    await enter(admin, byTestId('license-add'));
    await admin.waitForSelector(byTestId('license-region'));
    await admin.select(byTestId('license-region'), 'US-NY');
    await admin.locator(byTestId('license-number')).fill('NY-55501');
    await admin.locator(byTestId('dated-source')).fill('State board, looked up today');
    await look(admin, 'rules-license');
    await enter(admin, byTestId('dated-save'));
    await done('Added: New York, number NY-55501');
    await admin.waitForSelector(byTestId('license'));
    await look(admin, 'rules-licenses');
  });

  test('a licence that somebody else adds meanwhile stays: the change is shown first, then both are saved', async () => {
    await open(admin, '/rules/licenses', 'license-provider');
    await choose(admin, 'license-provider', DOCTOR);
    await clickTestId(admin, 'license-add');
    await admin.waitForSelector(byTestId('license-region'));
    await admin.select(byTestId('license-region'), 'US-CA');
    await admin.locator(byTestId('license-number')).fill('CA-1');
    await admin.locator(byTestId('dated-source')).fill('State board');
    // Somebody else's, between the look and the save.
    await database.query(`
      INSERT INTO licenses (organization_id, provider_id, region, number, valid_from, source)
      SELECT organization_id, provider_id, 'US-CO', 'CO-7', valid_from, 'Board' FROM licenses WHERE number = 'NY-55501'`);
    await clickTestId(admin, 'dated-save');
    await admin.waitForSelector(byTestId('version-conflict'));
    await look(admin, 'rules-conflict');
    await admin.waitForFunction((text) => document.body.innerText.includes(text), {}, 'CO-7');
    await clickTestId(admin, 'dated-save');
    await done('Added: California, number CA-1');
    const numbers = await database.query<{ number: string }>('SELECT number FROM licenses ORDER BY number');
    expect(numbers.map(({ number }) => number)).toEqual(expect.arrayContaining(['CA-1', 'CO-7', 'NY-55501']));
  });

  test('a holiday is added and taken back by keyboard alone', async () => {
    const day = `${new Date().getUTCFullYear() + 1}-07-03`;
    await open(admin, '/rules/holidays', 'holiday-form');
    const before = (await admin.$$(byTestId('holiday'))).length;
    await look(admin, 'rules-holidays-before');
    await admin.locator(byTestId('holiday-name')).fill('Founders’ Day');
    await admin.locator(byTestId('holiday-date')).fill(day);
    await enter(admin, byTestId('holiday-add'));
    await done('Founders’ Day is a holiday: ');
    const count = () => admin.$$eval(byTestId('holiday'), (items) => items.length);
    await expect.poll(count, { timeout: 20_000 }).toBe(before + 1);
    await look(admin, 'rules-holidays');
    expect(await database.query('SELECT name FROM holidays WHERE on_date = $1', [day])).toEqual([
      { name: 'Founders’ Day' },
    ]);
    await enter(admin, '[aria-label^="Remove Founders’ Day"]');
    await done('Founders’ Day is no holiday any more');
    await expect.poll(count, { timeout: 20_000 }).toBe(before);
  });

  test('a holiday that somebody else adds meanwhile stays, and neither adding nor removing overwrites it', async () => {
    const year = new Date().getUTCFullYear() + 1;
    const theirs = (date: string, name: string) =>
      database.query('INSERT INTO holidays (organization_id, on_date, name) SELECT id, $1, $2 FROM organizations', [
        date,
        name,
      ]);
    const shown = (name: string) => admin.waitForSelector(`${byTestId('holiday')} ::-p-text(${name})`);
    await open(admin, '/rules/holidays', 'holiday-form');
    await admin.locator(byTestId('holiday-name')).fill('Open House');
    await admin.locator(byTestId('holiday-date')).fill(`${year}-08-03`);
    await theirs(`${year}-08-04`, 'Staff Outing');
    await clickTestId(admin, 'holiday-add');
    await admin.waitForSelector(byTestId('version-conflict'));
    await shown('Staff Outing');
    await look(admin, 'rules-holidays-conflict');
    // What was typed is still there.
    await clickTestId(admin, 'holiday-add');
    await done('Open House is a holiday: ');
    await theirs(`${year}-08-05`, 'Stocktaking');
    await admin.locator('[aria-label^="Remove Open House"]').click();
    await admin.waitForSelector(byTestId('version-conflict'));
    await shown('Stocktaking');
    await look(admin, 'rules-holidays-remove-conflict');
    await admin.locator('[aria-label^="Remove Open House"]').click();
    await done('Open House is no holiday any more');
    expect(
      await database.query('SELECT name FROM holidays WHERE on_date >= $1 ORDER BY on_date', [`${year}-08-01`]),
    ).toEqual(expect.arrayContaining([{ name: 'Staff Outing' }, { name: 'Stocktaking' }]));
    expect(await database.query("SELECT 1 FROM holidays WHERE name = 'Open House'")).toEqual([]);
  });

  test('states are added to a compact together, and one is ended', async () => {
    await open(admin, '/rules/compacts', 'compact-add');
    await clickTestId(admin, 'compact-add');
    await admin.locator(byTestId('compact-name')).fill('PSYPACT');
    for (const region of ['US-NJ', 'US-UT']) await clickTestId(admin, `compact-${region}`);
    await admin.locator(byTestId('dated-source')).fill('psypact.org, looked up today');
    await look(admin, 'rules-compact');
    await clickTestId(admin, 'dated-save');
    await done('Added to PSYPACT: New Jersey, Utah');
    await admin.waitForSelector('[aria-label="End: Utah is in PSYPACT"]');
    await look(admin, 'rules-compacts');
    await admin.locator('[aria-label="End: Utah is in PSYPACT"]').click();
    await clickTestId(admin, 'end-save');
    await done('Ends: Utah is in PSYPACT');
    const rows = await database.query<{ region: string; ends: boolean }>(
      `SELECT region, valid_to IS NOT NULL AS ends FROM compact_members WHERE compact = 'PSYPACT' ORDER BY region`,
    );
    expect(rows).toEqual([
      { region: 'US-NJ', ends: false },
      { region: 'US-UT', ends: true },
    ]);
  });

  test('a state that somebody else adds to a compact meanwhile stays', async () => {
    await clickTestId(admin, 'compact-add');
    await admin.locator(byTestId('compact-name')).fill('PSYPACT');
    await clickTestId(admin, 'compact-US-OH');
    await admin.locator(byTestId('dated-source')).fill('psypact.org, looked up today');
    await database.query(`
      INSERT INTO compact_members (organization_id, compact, region, valid_from, source)
      SELECT organization_id, compact, 'US-VA', valid_from, source FROM compact_members WHERE region = 'US-NJ'`);
    await clickTestId(admin, 'dated-save');
    await admin.waitForSelector(byTestId('version-conflict'));
    await admin.waitForSelector('[aria-label="End: Virginia is in PSYPACT"]');
    await clickTestId(admin, 'dated-save');
    await done('Added to PSYPACT: Ohio');
    const rows = await database.query<{ region: string }>(
      `SELECT region FROM compact_members WHERE compact = 'PSYPACT' ORDER BY region`,
    );
    expect(rows.map(({ region }) => region)).toEqual(['US-NJ', 'US-OH', 'US-UT', 'US-VA']);
  });

  test('a provider’s day is capped, by keyboard alone', async () => {
    await open(admin, '/rules/daily-caps', 'cap-provider');
    await choose(admin, 'cap-provider', DOCTOR);
    await enter(admin, byTestId('cap-add'));
    await admin.waitForSelector(byTestId('cap-max'));
    await admin.locator(byTestId('cap-max')).fill('6');
    await choose(admin, 'cap-type', 'First visit');
    await look(admin, 'rules-cap');
    await enter(admin, byTestId('dated-save'));
    await done('Added: At most 6 a day, of “First visit”');
    await admin.waitForSelector(byTestId('cap'));
    await look(admin, 'rules-caps');
    await enter(admin, byTestId('cap-end'));
    await enter(admin, byTestId('end-save'));
    await done('Ends: At most 6 a day');
    const [cap] = await database.query<{ max_visits: number; ends: boolean }>(
      'SELECT max_visits, valid_to IS NOT NULL AS ends FROM daily_caps',
    );
    expect(cap).toEqual({ max_visits: 6, ends: true });
  });

  test('a cap that somebody else ends meanwhile is not ended again, and one that they add stays', async () => {
    await clickTestId(admin, 'cap-add');
    await admin.locator(byTestId('cap-max')).fill('9');
    await clickTestId(admin, 'dated-save');
    await done('Added: At most 9 a day, all together');
    await admin.locator('[aria-label^="End: At most 9"]').click();
    await admin.waitForSelector(byTestId('end-save'));
    await database.query('UPDATE daily_caps SET max_visits = 10 WHERE max_visits = 9');
    await clickTestId(admin, 'end-save');
    await admin.waitForSelector('dialog ::-p-text(Close to see what it says now)');
    await look(admin, 'rules-cap-gone');
    await admin.locator('dialog button ::-p-text(Close)').click();
    await admin.waitForSelector('[aria-label^="End: At most 10"]');
    expect(await database.query('SELECT 1 FROM daily_caps WHERE max_visits = 10 AND valid_to IS NULL')).toHaveLength(1);
  });

  test('the navigation of an administrator stands in one row on a desk, and in two on a phone', async () => {
    await open(admin, '/rules/holidays', 'holiday-form');
    const tops = (list: string) =>
      admin.$$eval(`${list} a`, (links) => [...new Set(links.map((link) => link.getBoundingClientRect().top))].length);
    for (const [width, rows] of [
      [1440, 1],
      [768, 1],
      [390, 2],
    ] as const) {
      await admin.setViewport({ width, height: 900 });
      await expect.poll(() => tops('.staff-nav__links'), { timeout: 10_000 }).toBe(rows);
    }
    const { SCREENSHOT_DIR } = process.env;
    if (SCREENSHOT_DIR) {
      for (const width of [390, 768, 1440]) {
        await admin.setViewport({ width, height: 900 });
        await admin.screenshot({ path: `${SCREENSHOT_DIR}/nav-${width}.png` });
      }
    }
    expect(
      await admin.$$eval('.staff-nav__links [aria-current="true"]', (links) => links.map((a) => a.textContent)),
    ).toEqual(['House']);
    expect(
      await admin.$$eval('.staff-nav__pages [aria-current="page"]', (links) => links.map((a) => a.textContent)),
    ).toEqual(['Holidays']);
  });

  test('a visit type is made with a question, changed, and taken off the offer', async () => {
    await open(admin, '/rules/visit-types', 'visit-type');
    await look(admin, 'rules-visit-types');
    await clickTestId(admin, 'visit-type-add');
    await admin.locator(byTestId('visit-type-name')).fill('Skin check');
    await clickTestId(admin, 'question-add');
    await admin.locator(byTestId('question-label')).fill('Since when have you had it?');
    await look(admin, 'rules-visit-type');
    await clickTestId(admin, 'visit-type-save');
    await done('Skin check is saved');
    await admin.locator('[aria-label="Change Skin check"]').click();
    await admin.locator(byTestId('visit-type-durationMinutes')).fill('15');
    await clickTestId(admin, 'visit-type-save');
    const types = () =>
      admin.$$eval(byTestId('visit-type'), (items) => items.map((item) => (item as HTMLElement).innerText));
    await expect.poll(types).toContainEqual(expect.stringContaining('15 minutes, by video · One question before it'));
    await admin.locator('[aria-label="End: Skin check"]').click();
    await done('Skin check can be booked no more');
  });

  test('the front desk reads them and is shown nothing to change', async () => {
    const desk = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
    await signIn(desk, bedside.origin, FRONT_DESK);
    await open(desk, '/rules/visit-types', 'visit-type');
    expect(await desk.$(byTestId('visit-type-add'))).toBeNull();
    expect(await desk.$$('main button')).toEqual([]);
  });
});

describe('a patient who books', () => {
  test('is asked in which state they will be and who pays, and sees only whom that allows', async () => {
    await database.query('UPDATE organizations SET requires_license = true');
    // A change of the house's rules has everybody's days laid out anew, by a job.
    const holidays = (await callCore(admin, 'GET', '/api/v1/holidays')) as object;
    await callCore(admin, 'PUT', '/api/v1/holidays', { ...holidays, holidays: [] });
    const anywhere = () => database.query('SELECT 1 FROM slot_days WHERE regions IS NULL');
    await expect.poll(anywhere).toEqual([]);
    await signIn(patient, bedside.origin, 'Ruth Lindqvist');
    await open(patient, '/book', 'book-provider');
    await patient.locator(`label ::-p-text(${VISIT_TYPE})`).click();
    await patient.waitForSelector(byTestId('book-region'));
    await choose(patient, 'book-payer', PAYER);
    await look(patient, 'book-questions');

    // Without an answer the browser keeps the form and says so.
    await patient.select(byTestId('book-region'), '');
    await clickTestId(patient, 'book-find');
    expect(
      await patient.$eval(byTestId('book-region'), (select) => (select as HTMLSelectElement).validity.valueMissing),
    ).toBe(true);

    // Nobody is licensed there.
    await choose(patient, 'book-region', 'Texas');
    await clickTestId(patient, 'book-find');
    await patient.waitForSelector('.notice ::-p-text(Nothing is free)');
    await look(patient, 'book-nobody-licensed');
    await clickTestId(patient, 'book-change');

    await patient.waitForSelector(byTestId('book-region'));
    expect(await patient.$eval(byTestId('book-payer'), (select) => (select as HTMLSelectElement).value)).not.toBe('');
    await choose(patient, 'book-region', 'New York');
    await clickTestId(patient, 'book-find');
    await patient.waitForSelector(byTestId('book-slot'));
    const shown = await patient.$$eval('.free-day__provider h3', (names) => names.map((name) => name.textContent));
    expect(new Set(shown)).toEqual(new Set([`${DOCTOR} Cardiology`]));
    await pressTime(patient, await freeTime(patient, 1));
    await clickTestId(patient, 'book-confirm');
    await patient.waitForSelector(byTestId('booked'));
    const rows = await database.query<{ patient_region: string; payer: string }>(
      `SELECT patient_region, payers.name AS payer FROM appointments JOIN payers ON payers.id = payer_id`,
    );
    expect(rows).toEqual([{ patient_region: 'US-NY', payer: PAYER }]);
  });
});
