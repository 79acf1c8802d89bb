import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { type Clinic, startClinic } from './support/clinic.ts';
import { startIssuer, type TestIssuer } from './support/issuer.ts';
import { SmallIssuer } from './support/small-issuer.ts';
import { issuersOf, smallEntry } from './support/two-issuers.ts';

const ROLES_CLAIM = 'https://bedside.example/roles';

describe('staff and patients from two issuers of different shape', () => {
  let big: TestIssuer;
  let small: SmallIssuer;
  let clinic: Clinic;
  /** What the big issuer's userinfo says of each subject. */
  const said: Record<string, Record<string, unknown>> = {};
  beforeAll(async () => {
    small = await SmallIssuer.start({ clock: () => clinic?.clock.now ?? 0, algorithm: 'EdDSA' });
    clinic = await startClinic(async (origin) => {
      big = await startIssuer(`${origin}/auth/callback/staff`, (sub) => said[sub] ?? {});
      return {
        issuers: issuersOf(
          {
            id: 'staff',
            label: 'Staff',
            issuer: big.url,
            clientId: big.clientId,
            clientSecret: big.clientSecret,
            organization: 'clinic',
            for: ['staff'],
            scopes: ['email', 'groups'],
            groups: { claim: 'groups', roles: { doctors: 'provider', desk: 'front-desk', it: 'admin' } },
            linking: { by: 'email' },
          },
          smallEntry(small, {
            id: 'patients',
            label: 'Patient portal',
            organization: 'clinic',
            for: ['patients'],
            groups: { claim: [ROLES_CLAIM, 'visits'], roles: { patient: 'patient' } },
            linking: { by: 'claim', claim: 'record_key' },
          }),
        ),
      };
    });
    // The big issuer goes by the machine's clock.
    clinic.clock.now = Date.now();
  });
  afterAll(async () => {
    await clinic[Symbol.asyncDispose]();
    await big[Symbol.asyncDispose]();
    await small[Symbol.asyncDispose]();
  });

  const atHome = (location: string) => location.startsWith(clinic.origin) && !location.includes('/auth/callback');
  const asStaff = async (subject: string) => {
    const browser = new Browser(clinic.origin);
    browser.setCookie('subject', subject, big.url);
    const { answer } = await browser.follow('/auth/login?issuer=staff', atHome);
    return { browser, location: answer.headers.get('location') };
  };
  const asPatient = async (subject: string, claims: Record<string, unknown> = {}) => {
    small.subject = subject;
    small.claims = { [ROLES_CLAIM]: { visits: ['patient'] }, ...claims };
    const browser = new Browser(clinic.origin);
    const { answer } = await browser.follow('/auth/login?issuer=patients', atHome);
    return { browser, location: answer.headers.get('location') };
  };
  /** Somebody without an identity anywhere. */
  const newcomer = (key: string, roles: ('patient' | 'provider' | 'admin' | 'front-desk')[], email?: string) =>
    clinic.core.provisioning.upsertPerson({
      key,
      organizationId: clinic.organizationId,
      displayName: key,
      timeZone: 'Europe/Berlin',
      roles,
      identities: [],
      ...(email === undefined ? {} : { contacts: { email } }),
      ...(roles.includes('provider') ? { provider: { specialty: 'General' } } : {}),
    });
  const rolesOf = async (browser: Browser) => ((await browser.get('/api/v1/me')).body as { roles?: string[] }).roles;

  it('lets people choose', async () => {
    const browser = new Browser(clinic.origin);
    expect((await browser.get('/auth/issuers')).body).toEqual({
      issuers: [
        { id: 'staff', label: 'Staff', for: ['staff'] },
        { id: 'patients', label: 'Patient portal', for: ['patients'] },
      ],
    });
    const answer = await browser.get('/auth/login?return_to=/visit/1%3Fa=b');
    expect(answer.headers.get('location')).toBe('/visit/1?a=b&sign-in=choose');
    expect((await browser.get('/auth/login?issuer=nobody')).headers.get('location')).toBe('/?sign-in=choose');
  });

  it('connects staff by an address that the issuer verified, once, and gives the roles of their groups', async () => {
    const id = await newcomer('dora', ['provider'], 'Dora@clinic.example');
    await clinic.database.db.deleteFrom('accountRoles').where('personId', '=', id).execute();
    said.d1 = { email: 'dora@clinic.example', email_verified: true, groups: ['doctors', 'it', 'cleaners'] };
    const { browser, location } = await asStaff('d1');
    expect(location).toBe('/');
    expect((await browser.get('/api/v1/me')).body).toMatchObject({ person: { id }, roles: ['admin', 'provider'] });
    expect((await clinic.audit()).filter((row) => row.personId === id).map((row) => row.action)).toEqual([
      'identity.link',
      'role.give',
      'role.give',
      'session.open',
    ]);

    // Left out of a group, they lose what it gave, in the sessions they have as well.
    said.d1 = { ...said.d1, groups: ['doctors'] };
    await asStaff('d1');
    expect(await rolesOf(browser)).toEqual(['provider']);
    // Somebody else who got their address afterwards gets nothing by it.
    said.d2 = { email: 'dora@clinic.example', email_verified: true, groups: ['it'] };
    expect((await asStaff('d2')).location).toBe('/?sign-in=account_link_refused');
  });

  it('takes away what no group states, and leaves what was given here', async () => {
    const id = await newcomer('frank', ['front-desk'], 'frank@clinic.example');
    said.f1 = { email: 'frank@clinic.example', email_verified: true, groups: ['it', 'desk'] };
    const { browser } = await asStaff('f1');
    expect(await rolesOf(browser)).toEqual(['admin', 'front-desk']);
    said.f1 = { email: 'frank@clinic.example', email_verified: true };
    await asStaff('f1');
    expect(await rolesOf(browser)).toEqual(['front-desk']);
    expect((await clinic.audit()).filter((row) => row.personId === id && row.action === 'role.take')).toHaveLength(1);
    await clinic.database.db.deleteFrom('accountRoles').where('personId', '=', id).execute();
    expect((await asStaff('f1')).location).toBe('/?sign-in=account_unknown');
  });

  it.each([
    ['not verified', { email: 'vera@clinic.example', email_verified: false }],
    ['verified in words', { email: 'vera@clinic.example', email_verified: 'true' }],
    ['nobody says whether verified', { email: 'vera@clinic.example' }],
    ['of nobody', { email: 'nobody@clinic.example', email_verified: true }],
  ])('connects nobody by an address that is %s', async (_, claims) => {
    await newcomer('vera', ['admin'], 'vera@clinic.example');
    said.v1 = { ...claims, groups: ['it'] };
    expect((await asStaff('v1')).location).toBe('/?sign-in=account_unknown');
  });

  it('connects nobody by an address that two people share', async () => {
    await newcomer('one', ['admin'], 'shared@clinic.example');
    await newcomer('two', ['front-desk'], 'shared@clinic.example');
    said.s1 = { email: 'shared@clinic.example', email_verified: true, groups: ['it'] };
    expect((await asStaff('s1')).location).toBe('/?sign-in=account_link_refused');
    expect((await clinic.audit()).at(-1)).toMatchObject({ outcome: 'denied', reason: 'link-ambiguous' });
  });

  it('connects a patient by the site’s own key, whatever the address says', async () => {
    const id = await newcomer('rec-1', ['patient']);
    const { browser, location } = await asPatient('p-1', { record_key: 'rec-1', email: 'frank@clinic.example' });
    expect(location).toBe('/');
    expect((await browser.get('/api/v1/me')).body).toMatchObject({ person: { id }, roles: ['patient'] });
  });

  it('makes nobody staff by an issuer for patients', async () => {
    await newcomer('boss', ['admin']);
    expect((await asPatient('p-boss', { record_key: 'boss' })).location).toBe('/?sign-in=account_link_refused');

    // One who is a patient too, and has an identity there, comes in as a patient and nothing else.
    const both = await clinic.person('both', 'patient', 'admin');
    const { browser } = await asPatient('both');
    expect((await browser.get('/api/v1/me')).body).toMatchObject({ person: { id: both.id }, roles: ['patient'] });
    expect(await browser.get('/api/v1/machines')).toMatchObject({ status: 403, code: 'forbidden' });
    const staff = await asStaff('both');
    expect(await rolesOf(staff.browser)).toEqual(['admin']);

    // Nor one who is staff alone, nor one who is of another organization.
    await clinic.person('staffer', 'front-desk');
    expect((await asPatient('staffer')).location).toBe('/?sign-in=account_unknown');
    const elsewhere = await clinic.core.provisioning.upsertOrganization({
      key: 'elsewhere',
      name: 'Elsewhere',
      timeZone: 'Europe/Berlin',
    });
    await clinic.core.provisioning.upsertPerson({
      key: 'far',
      organizationId: elsewhere,
      displayName: 'Far',
      timeZone: 'Europe/Berlin',
      roles: ['patient'],
      identities: [{ issuer: small.url, subject: 'far' }],
    });
    expect((await asPatient('far')).location).toBe('/?sign-in=account_unknown');
    expect((await clinic.audit()).at(-1)).toMatchObject({ outcome: 'denied', reason: 'account-elsewhere' });
  });

  it('signs out at the issuer that one came from, where it has a page for it', async () => {
    await clinic.person('leaver', 'patient', 'front-desk');
    const staff = await asStaff('leaver');
    const { redirectTo } = (await staff.browser.post('/auth/logout')).body as { redirectTo: string };
    expect(redirectTo.startsWith(big.url)).toBe(true);
    const patient = await asPatient('leaver');
    expect((await patient.browser.post('/auth/logout')).body).toEqual({ redirectTo: '/' });
  });
});
