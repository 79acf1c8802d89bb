import { describe, expect, it } from 'vitest';
import { MINUTE_MS, START, startClinic } from './support/clinic.ts';

describe('set-up', () => {
  it('can be repeated: the same keys give the same ids, and what changed is changed', async () => {
    await using clinic = await startClinic();
    const { provisioning } = clinic.core;
    const { organizationId } = clinic;
    const patient = await clinic.person('pat', 'patient');
    const provider = await clinic.person('doc', 'provider');
    const again = await provisioning.upsertPerson({
      key: 'pat',
      organizationId,
      displayName: 'New name',
      timeZone: 'Europe/Paris',
      roles: ['patient', 'admin'],
      identities: [{ issuer: 'https://other.test', subject: 'pat' }],
    });
    expect(again).toBe(patient.id);
    expect((await patient.browser.get('/api/v1/me')).body).toMatchObject({
      person: { displayName: 'New name' },
      roles: ['admin', 'patient'],
    });
    const identities = await clinic.database.db
      .selectFrom('identities')
      .select('issuer')
      .where('personId', '=', patient.id)
      .execute();
    expect(identities).toEqual([{ issuer: 'https://other.test' }]);

    const booking = {
      organizationId,
      patientId: patient.id,
      providerId: provider.id,
      visitTypeId: clinic.visitTypeId,
      startsAt: new Date(START),
    };
    const today = { from: new Date(START - 60 * MINUTE_MS), to: new Date(START + 60 * MINUTE_MS) };
    const [first, second] = [
      await provisioning.bookIfNone(booking, today),
      await provisioning.bookIfNone({ ...booking, startsAt: new Date(START + MINUTE_MS) }, today),
    ];
    expect(second).toBe(first);
    await expect(
      provisioning.bookIfNone(
        { ...booking, startsAt: new Date(START + MINUTE_MS) },
        { from: new Date(0), to: new Date(0) },
      ),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/slot_taken|patient_busy/),
    });
  });

  it('refuses zones that do not exist, and a provider without a specialty', async () => {
    await using clinic = await startClinic();
    const { provisioning } = clinic.core;
    const person = {
      key: 'x',
      organizationId: clinic.organizationId,
      displayName: 'X',
      timeZone: 'Europe/Berlin',
      roles: [],
      identities: [],
    };
    await expect(provisioning.upsertPerson({ ...person, timeZone: 'Nowhere' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await expect(provisioning.upsertPerson({ ...person, roles: ['provider'] })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await expect(provisioning.upsertOrganization({ key: 'x', name: 'X', timeZone: 'Nowhere' })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });
});
