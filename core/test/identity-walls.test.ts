import { silentLogger } from '@bedside/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../src/db/database.ts';
import type { Scope } from '../src/db/scope.ts';
import { personScope } from '../src/db/scope.ts';
import { sha256 } from '../src/secrets.ts';
import { type Clinic, type Somebody, startClinic, startVisit } from './support/clinic.ts';

describe('what identity keeps, judged by the database alone', () => {
  let clinic: Clinic;
  let admin: Somebody;
  let patient: Somebody;
  let application: Database;
  beforeAll(async () => {
    clinic = await startClinic();
    application = Database.open({ url: clinic.config.databaseUrl, poolSize: 2, log: silentLogger });
    admin = await clinic.person('boss', 'admin');
    patient = await clinic.person('pat', 'patient');
    const owner = { organizationId: clinic.organizationId, personId: admin.id };
    await clinic.database.db
      .insertInto('passkeys')
      .values({
        ...owner,
        name: 'Key',
        credentialId: 'AAAA',
        publicKey: Buffer.from([0]),
        signCount: 0,
        createdAt: new Date(clinic.clock.now),
      })
      .execute();
  });
  afterAll(async () => {
    await application.close();
    await clinic[Symbol.asyncDispose]();
  });

  const scopeOf = (somebody: Somebody, ...roles: Scope['roles']) =>
    personScope({ personId: somebody.id, organizationId: clinic.organizationId, roles });
  const as = (scope: Scope) => application.as(scope).db;

  it('passkeys are their person’s, sessions too', async () => {
    const mine = as(scopeOf(admin, 'admin'));
    const theirs = as(scopeOf(patient, 'patient'));
    expect(await mine.selectFrom('passkeys').select('name').execute()).toHaveLength(1);
    expect(await theirs.selectFrom('passkeys').select('name').execute()).toEqual([]);
    expect((await theirs.deleteFrom('passkeys').executeTakeFirst()).numDeletedRows).toBe(0n);
    const people = await mine.selectFrom('sessions').select('personId').distinct().execute();
    expect(people).toEqual([{ personId: admin.id }]);
  });

  it('machines are the administrator’s, and used tokens nobody’s', async () => {
    const row = {
      organizationId: clinic.organizationId,
      label: 'x',
      publicJwk: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }),
      actions: ['slots.read'],
      createdAt: new Date(clinic.clock.now),
    } as const;
    await expect(
      as(scopeOf(patient, 'patient'))
        .insertInto('serviceClients')
        .values({ ...row, personId: patient.id, createdBy: patient.id, actions: [...row.actions] })
        .execute(),
    ).rejects.toThrow(/row-level security/);
    for (const table of ['serviceTokens', 'serviceClients'] as const)
      expect(await as(scopeOf(patient, 'patient')).selectFrom(table).selectAll().execute()).toEqual([]);
    for (const somebody of [scopeOf(patient, 'patient'), scopeOf(admin, 'admin')]) {
      await expect(as(somebody).selectFrom('spentTokens').selectAll().execute()).rejects.toThrow(/permission denied/);
      await expect(
        as(somebody)
          .insertInto('spentTokens')
          .values({ organizationId: null, presenter: 'x', idHash: sha256('x'), expiresAt: new Date() })
          .execute(),
      ).rejects.toThrow(/permission denied/);
    }
  });

  it('a sign-in gives no role of its own making, and takes away none that was given here', async () => {
    const { organizationId } = clinic;
    const signIn = application.asSystem('sign-in').db;
    for (const role of [{ role: 'admin' }, { role: 'service', statedBy: 'https://issuer.example' }] as const)
      await expect(
        signIn
          .insertInto('accountRoles')
          .values({ organizationId, personId: patient.id, ...role })
          .execute(),
      ).rejects.toThrow(/row-level security/);
    expect((await signIn.deleteFrom('accountRoles').executeTakeFirst()).numDeletedRows).toBe(0n);
  });

  it('an administrator makes no account but a machine’s', async () => {
    const { organizationId } = clinic;
    const db = as(scopeOf(admin, 'admin'));
    await expect(
      db.insertInto('accountRoles').values({ organizationId, personId: patient.id, role: 'service' }).execute(),
    ).rejects.toThrow(/row-level security/);
    await expect(
      db
        .insertInto('people')
        .values({ organizationId, key: 'friend', displayName: 'F', timeZone: 'UTC', createdAt: new Date() })
        .execute(),
    ).rejects.toThrow(/row-level security/);
  });
});

describe('somebody who is both, in as a patient', () => {
  it('leads no visit of theirs, by page or by grant', async () => {
    await using clinic = await startClinic();
    const { visit, provider, host } = await startVisit(clinic);
    await clinic.core.provisioning.upsertPerson({
      key: 'doc',
      organizationId: clinic.organizationId,
      displayName: 'Doc',
      timeZone: 'Europe/Berlin',
      roles: ['patient', 'provider'],
      provider: { specialty: 'General' },
      identities: [],
    });
    const path = `/api/v1/encounters/${visit.encounterId}`;
    expect((await provider.browser.get(path)).status).toBe(200);
    await clinic.database.db
      .updateTable('sessions')
      .set({ capacity: 'patient' })
      .where('idHash', '=', sha256(provider.cookie))
      .execute();
    for (const url of [path, `${path}/messages`])
      expect(await provider.browser.get(url), url).toMatchObject({ status: 404, code: 'not_found' });
    expect(await provider.browser.post(`${path}/grant`)).toMatchObject({ status: 404 });
    await expect(clinic.ask('end', { ...host })).rejects.toMatchObject({
      code: expect.stringMatching(/forbidden|not_found/),
    });
  });
});
