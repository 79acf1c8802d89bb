import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { callCore, signIn } from '../src/people.ts';

let bedside: Bedside;
beforeAll(async () => {
  bedside = await startBedside();
});
afterAll(() => bedside.close());

const PASSKEYS = '/api/v1/me/passkeys';

/** What a page does with the options of a ceremony, by the browser's own functions. */
const create = (page: Page, options: unknown): Promise<unknown> =>
  page.evaluate(async (given) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given as PublicKeyCredentialCreationOptionsJSON);
    const credential = await navigator.credentials.create({ publicKey });
    return (credential as PublicKeyCredential).toJSON();
  }, options);
const get = (page: Page, options: unknown): Promise<unknown> =>
  page.evaluate(async (given) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given as PublicKeyCredentialRequestOptionsJSON);
    const credential = await navigator.credentials.get({ publicKey });
    return (credential as PublicKeyCredential).toJSON();
  }, options);

test('a browser’s own passkey is registered, proves who one is, and is refused without its user', async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await signIn(page, bedside.origin, 'Dr. Amara Okafor');
  const devices = await page.createCDPSession();
  await devices.send('WebAuthn.enable');
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const cookie = async () =>
    (await page.browserContext().cookies()).find((one) => one.name.endsWith('bedside_session'))?.value;

  const response = await create(page, await callCore(page, 'POST', `${PASSKEYS}/registration/options`));
  expect(await callCore(page, 'POST', PASSKEYS, { name: 'This computer', response })).toMatchObject({
    name: 'This computer',
    cloned: false,
  });
  const before = await cookie();
  await callCore(
    page,
    'POST',
    `${PASSKEYS}/assertion`,
    (await get(page, await callCore(page, 'POST', `${PASSKEYS}/assertion/options`))) as object,
  );
  expect(await cookie()).not.toBe(before);
  expect(await callCore(page, 'GET', PASSKEYS)).toMatchObject({ passkeys: [{ usedAt: expect.any(String) }] });

  await devices.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  const options = await callCore(page, 'POST', `${PASSKEYS}/assertion/options`);
  await expect(get(page, options)).rejects.toThrow(/NotAllowedError|not allowed/);
});
