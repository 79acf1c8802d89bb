import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { environment } from '../src/env.ts';
import { ADMIN, byTestId, COMPLIANCE, clickTestId, signIn } from '../src/people.ts';
import { lookAt } from './support/look-at.ts';

const run = promisify(execFile);
const ACCESS_REVIEW = fileURLToPath(new URL('../../ops/access-review/main.ts', import.meta.url));
const WIDE = { width: 1440, height: 900 };

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let compliance: Page;
let admin: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bedside-oversight-'));
  disposables.defer(() => rm(folder, { recursive: true, force: true }));
  bedside = disposables.use(await startBedside());
  compliance = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  admin = await disposables.use(await launchBrowser({ viewport: WIDE })).newPage();
  await signIn(compliance, bedside.origin, COMPLIANCE);
  await signIn(admin, bedside.origin, ADMIN);
});
afterAll(() => disposables.disposeAsync());

const look = async (page: Page, name: string): Promise<void> => {
  expect.soft(await lookAt(page, name), name).toEqual([]);
};
const told = (page: Page, words: string) => page.waitForSelector(`${byTestId('done')} ::-p-text(${words})`);
const choose = async (page: Page, id: string, path: string): Promise<void> => {
  const input = (await page.waitForSelector(byTestId(id))) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
};

test('compliance signs the access review that they have read, and no other file', async () => {
  await compliance.goto(`${bedside.origin}/access-reviews`);
  await compliance.waitForSelector('::-p-text(No review was made yet)');
  await look(compliance, 'reviews-none');
  const file = join(folder, 'review');
  const env = { ...environment, BEDSIDE_DATA_DIR: bedside.dataDir, BEDSIDE_DEMO: 'true' };
  await run(process.execPath, [ACCESS_REVIEW, '--out', file], { env });
  const changed = join(folder, 'changed.json');
  await writeFile(changed, `${await readFile(`${file}.json`, 'utf8')} `);

  await compliance.reload();
  await compliance.waitForSelector(byTestId('review'));
  await look(compliance, 'reviews');
  await clickTestId(compliance, 'review-sign');
  await choose(compliance, 'review-file', changed);
  await compliance.waitForSelector('::-p-text(This is another file)');
  await look(compliance, 'review-sign');
  expect(await compliance.$eval(byTestId('review-sign-it'), (button) => (button as HTMLButtonElement).disabled)).toBe(
    true,
  );
  await choose(compliance, 'review-file', `${file}.json`);
  await compliance.locator(byTestId('review-remark')).fill('Two accounts are closed now.');
  await clickTestId(compliance, 'review-sign-it');
  await told(compliance, 'You have signed the review');
  await compliance.waitForSelector(`${byTestId('review-signature')} ::-p-text(Signed by ${COMPLIANCE})`);
  // Nobody signs twice; whoever else has to may.
  expect(await compliance.$(byTestId('review-sign'))).toBeNull();
  await admin.goto(`${bedside.origin}/access-reviews`);
  await admin.waitForSelector(`${byTestId('review-signature')} ::-p-text(Two accounts are closed now)`);
  await admin.waitForSelector(byTestId('review-sign'));
});

test('an administrator lets a machine in by its public key, and shuts it out', async () => {
  const { privateKey, publicKey } = await generateKeyPair('Ed25519', { extractable: true });
  await admin.goto(`${bedside.origin}/machines`);
  await admin.waitForSelector('::-p-text(No machine is let in)');
  await clickTestId(admin, 'machine-add');
  await admin.locator(byTestId('machine-label')).fill('Waiting room screen');
  await clickTestId(admin, 'machine-slots.read');
  await admin.locator(byTestId('machine-key')).fill(JSON.stringify(await exportJWK(privateKey)));
  await clickTestId(admin, 'machine-save');
  await admin.waitForSelector('::-p-text(This is the private key)');
  await look(admin, 'machine-form');
  await admin.locator(byTestId('machine-key')).fill(JSON.stringify({ ...(await exportJWK(publicKey)), use: 'sig' }));
  await clickTestId(admin, 'machine-save');
  await told(admin, 'Waiting room screen is let in');
  await admin.waitForSelector(byTestId('machine'));
  await look(admin, 'machines');

  const clientId = await admin.$eval(`${byTestId('machine')} code:last-of-type`, (code) => code.textContent ?? '');
  const askForToken = async () => {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(`${bedside.origin}/auth/token`)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    const answer = await fetch(`${bedside.origin}/auth/token`, { method: 'POST', body });
    return { status: answer.status, ...((await answer.json()) as { scope?: string; error?: string }) };
  };
  expect(await askForToken()).toMatchObject({ status: 200, scope: 'slots.read' });

  await clickTestId(admin, 'machine-revoke');
  await look(admin, 'machine-revoke');
  await clickTestId(admin, 'machine-revoke-confirm');
  await told(admin, 'Waiting room screen is shut out');
  await admin.waitForSelector(byTestId('machine-revoke'), { hidden: true });
  expect(await askForToken()).toMatchObject({ status: 401, error: 'invalid_client' });
});

test('whose work it is not is shown neither', async () => {
  await compliance.goto(`${bedside.origin}/machines`);
  await compliance.waitForSelector('h1 ::-p-text(no page at this address)');
});
