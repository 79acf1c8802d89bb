import type { Booking, Provisioning, WeeklyWindow } from '@bedside/core';
import { AppError, type OrganizationId, type PersonId } from '@bedside/protocol';
import {
  type DemoPerson,
  demoAdmins,
  demoClinic,
  demoCompliance,
  demoFirstVisitType,
  demoFrontDesk,
  demoGroupVisitType,
  demoPatients,
  demoProviders,
  demoVisitType,
} from './people.ts';
import { visitTimes } from './visit-times.ts';

export interface SeedOptions {
  readonly provisioning: Provisioning;
  /** Who the demo people sign in with; see `createDemoIssuer`. */
  readonly issuerUrl: string;
  /** The present instant in ms. */
  readonly now: number;
}

/** Open from morning to evening, every day: a demo has no weekend. */
const HOURS: WeeklyWindow[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  weekday,
  startsAt: '08:00',
  endsAt: '20:00',
}));

const isTaken = (error: unknown): boolean =>
  error instanceof AppError && (error.code === 'slot_taken' || error.code === 'patient_busy');

/** Books the first time that is free; where the day is full, the patient has no visit today. */
const bookToday = async (
  provisioning: Provisioning,
  booking: Omit<Booking, 'startsAt'>,
  day: { now: number; timeZone: string },
): Promise<void> => {
  const { startsAt, from, to } = visitTimes({ ...day, durationMinutes: demoVisitType.durationMinutes });
  for (const at of startsAt) {
    try {
      await provisioning.bookIfNone({ ...booking, startsAt: at }, { from, to });
      return;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
};

/**
 * Makes the demo clinic, or brings it up to date: its people, their identities, hours, and for every patient a visit
 * today with a provider (each in turn) that they can go into now. Safe at every start.
 */
export const seedDemo = async ({ provisioning, issuerUrl, now }: SeedOptions): Promise<void> => {
  const organizationId: OrganizationId = await provisioning.upsertOrganization(demoClinic);
  const common = (person: DemoPerson) => ({
    organizationId,
    key: person.subject,
    displayName: person.displayName,
    timeZone: person.timeZone,
    identities: [{ issuer: issuerUrl, subject: person.subject }],
  });
  const visitTypeId = await provisioning.upsertVisitType({ organizationId, ...demoVisitType });
  await provisioning.upsertVisitType({ organizationId, ...demoFirstVisitType });
  await provisioning.upsertVisitType({ organizationId, ...demoGroupVisitType });
  for (const person of demoFrontDesk) await provisioning.upsertPerson({ ...common(person), roles: ['front-desk'] });
  for (const person of demoAdmins) await provisioning.upsertPerson({ ...common(person), roles: ['admin'] });
  for (const person of demoCompliance) await provisioning.upsertPerson({ ...common(person), roles: ['compliance'] });

  const providers: { id: PersonId; timeZone: string }[] = [];
  for (const person of demoProviders) {
    const { specialty, timeZone } = person;
    const id = await provisioning.upsertPerson({ ...common(person), roles: ['provider'], provider: { specialty } });
    await provisioning.setAvailability({ organizationId, providerId: id, timeZone, windows: HOURS, onlyIfNone: true });
    providers.push({ id, timeZone });
  }
  for (const [index, person] of demoPatients.entries()) {
    const patientId = await provisioning.upsertPerson({ ...common(person), roles: ['patient'] });
    const provider = providers[index % providers.length];
    if (provider === undefined) continue;
    const { timeZone } = provider;
    await bookToday(
      provisioning,
      { organizationId, patientId, providerId: provider.id, visitTypeId },
      { now, timeZone },
    );
  }
};
