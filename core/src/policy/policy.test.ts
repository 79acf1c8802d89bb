import type { AccountRole, OrganizationId, PersonId } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { ACTIONS, type Action, decideByAccount, decideOnProvider, decideOnVisit, type Who } from './policy.ts';

const organizationId = '00000000-0000-4000-8000-000000000001' as OrganizationId;
const other = '00000000-0000-4000-8000-000000000002' as OrganizationId;
const patientId = '00000000-0000-4000-8000-00000000000a' as PersonId;
const providerId = '00000000-0000-4000-8000-00000000000b' as PersonId;
const strangerId = '00000000-0000-4000-8000-00000000000c' as PersonId;
const visit = { organizationId, providerId, memberIds: [patientId, providerId], patientIds: [patientId] };
const who = (personId: PersonId, ...roles: AccountRole[]): Who => ({ personId, organizationId, roles });

const visitActions = ACTIONS.filter((action) => action.startsWith('encounter.'));
const hostActions: readonly Action[] = ['encounter.admit', 'encounter.sendBack', 'encounter.mute', 'encounter.end'];

describe('policy', () => {
  it.each(visitActions)('lets the provider of a visit do %s', (action) => {
    expect(decideOnVisit(who(providerId, 'provider'), action, visit)).toEqual({ allowed: true });
  });

  it.each(visitActions)('API4 hides the visit from strangers who ask for %s', (action) => {
    for (const role of ['patient', 'provider', 'admin'] as const) {
      expect(decideOnVisit(who(strangerId, role), action, visit)).toMatchObject({ allowed: false, code: 'not_found' });
    }
  });

  it('API4 hides a visit of another organization even from somebody listed in it', () => {
    const decision = decideOnVisit(who(providerId, 'provider'), 'encounter.read', { ...visit, organizationId: other });
    expect(decision).toMatchObject({ allowed: false, code: 'not_found' });
  });

  it.each(hostActions)('refuses %s to the patient of the visit', (action) => {
    expect(decideOnVisit(who(patientId, 'patient'), action, visit)).toMatchObject({
      allowed: false,
      code: 'forbidden',
    });
  });

  it.each(hostActions)('refuses %s to a member who has a provider account and does not host', (action) => {
    expect(decideOnVisit(who(patientId, 'patient', 'provider'), action, visit)).toMatchObject({ code: 'forbidden' });
  });

  it('lets nobody without a role do anything', () => {
    for (const action of ACTIONS) expect(decideByAccount(who(patientId), action)).toMatchObject({ allowed: false });
  });

  const calendar = { organizationId, providerId };
  const calendarActions: readonly Action[] = ['availability.read', 'availability.write', 'calendar.read'];

  it.each(calendarActions)(
    'lets a provider do %s to their own calendar, and those who keep calendars to any',
    (action) => {
      expect(decideOnProvider(who(providerId, 'provider'), action, calendar)).toEqual({ allowed: true });
      for (const role of ['front-desk', 'admin'] as const)
        expect(decideOnProvider(who(strangerId, role), action, calendar)).toEqual({ allowed: true });
    },
  );

  it.each(calendarActions)('API4 refuses %s to others', (action) => {
    const refused = (one: Who, code: string) =>
      expect(decideOnProvider(one, action, calendar)).toMatchObject({ allowed: false, code });
    refused(who(strangerId, 'provider'), 'not_found');
    refused(who(strangerId, 'patient'), 'forbidden');
    refused({ ...who(strangerId, 'admin'), organizationId: other }, 'not_found');
    // Whose calendar it was when they were a provider.
    refused(who(providerId, 'patient'), 'forbidden');
  });

  it('lets administrators alone set rules, and the front desk read them', () => {
    for (const role of ['patient', 'provider', 'front-desk'] as const)
      expect(decideByAccount(who(strangerId, role), 'rules.write')).toMatchObject({ allowed: false });
    expect(decideByAccount(who(strangerId, 'admin'), 'rules.write')).toEqual({ allowed: true });
    expect(decideByAccount(who(strangerId, 'front-desk'), 'rules.read')).toEqual({ allowed: true });
    expect(decideByAccount(who(strangerId, 'provider'), 'patients.search')).toMatchObject({ allowed: false });
  });
});
