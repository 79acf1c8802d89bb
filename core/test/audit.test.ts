import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit, systemActor } from '../src/audit/audit.ts';
import { type Clinic, startClinic, startVisit } from './support/clinic.ts';

describe('audit trail', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    clinic = await startClinic();
  });
  afterAll(() => clinic[Symbol.asyncDispose]());
  const entry = (action: string) => ({ at: new Date(), actor: systemActor(), action, resource: { type: 'test' } });

  it('API5 stands or falls with the act', async () => {
    await clinic.database.transaction(({ db }) => audit(db, entry('test.kept')));
    const failed = clinic.database.transaction(async (tx) => {
      await audit(tx.db, entry('test.rolled-back'));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    const actions = (await clinic.audit()).map((row) => row.action);
    expect(actions).toContain('test.kept');
    expect(actions).not.toContain('test.rolled-back');
  });

  it('API5 has no row of a booking that was refused, and nothing is announced of it', async () => {
    const patient = await clinic.person('pat', 'patient');
    const provider = await clinic.person('doc', 'provider');
    await clinic.book({ patient, provider });
    const before = (await clinic.audit()).length;
    await expect(clinic.book({ patient: await clinic.person('sam', 'patient'), provider })).rejects.toMatchObject({
      code: 'slot_taken',
    });
    expect(await clinic.audit()).toHaveLength(before);
  });

  it.each([
    ['changed', sql`UPDATE audit_events SET action = 'nothing'`],
    ['deleted', sql`DELETE FROM audit_events`],
    ['emptied', sql`TRUNCATE audit_events`],
  ])('cannot be %s', async (_name, statement) => {
    const before = await clinic.audit();
    await expect(statement.execute(clinic.database.db)).rejects.toThrow('append-only');
    expect(await clinic.audit()).toEqual(before);
  });

  it('holds no name and nothing that anybody wrote', async () => {
    const { host } = await startVisit(clinic, { patient: 'pat9', provider: 'doc9' });
    await clinic.ask('sendMessage', { ...host, clientMessageId: crypto.randomUUID(), text: 'Take two a day' });
    const rows = JSON.stringify(await clinic.database.db.selectFrom('auditEvents').selectAll().execute());
    expect(rows).not.toMatch(/Name of|two a day/);
  });
});
