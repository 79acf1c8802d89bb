import {
  type AccountRole,
  AppError,
  type AppointmentId,
  type AvailabilityRule,
  type License,
  type OrganizationId,
  type PersonId,
  type VisitTypeId,
  type VisitTypeSettings,
} from '@bedside/protocol';
import { audit, systemActor } from './audit/audit.ts';
import { type CoreContext, nowOf } from './context.ts';
import type { Tx } from './db/database.ts';
import { replaceLicenses } from './directory/license-store.ts';
import { visitTypeColumns } from './directory/visit-type-store.ts';
import { contactLookup, sealContact } from './notifications/contact-values.ts';
import { ACTIVE_STATUSES } from './scheduling/appointment-model.ts';
import { requireTimeZone, ruleRowOf, type WeeklyWindow, weeklyRule } from './scheduling/availability-rules.ts';
import { replaceRules, rulesOf } from './scheduling/availability-store.ts';
import type { Booking, Bookings } from './scheduling/booking.ts';
import { organizationChanged } from './scheduling/organization-change.ts';
import { lockProvider, providerChanged } from './scheduling/provider-change.ts';

export interface OrganizationSpec {
  /** Whoever sets up knows the organization by this; the same key again changes what there is. */
  readonly key: string;
  readonly name: string;
  readonly phone?: string;
  readonly timeZone: string;
  /** Whether a provider needs a licence for the state in which the patient is. Absent: no. */
  readonly requiresLicense?: boolean;
  /** What a message to a patient may tell. Absent: the time. */
  readonly messageDetail?: 'none' | 'time' | 'provider';
}

export interface PersonSpec {
  /** Unique in the organization. */
  readonly key: string;
  readonly organizationId: OrganizationId;
  readonly displayName: string;
  readonly timeZone: string;
  readonly roles: readonly AccountRole[];
  /** Needed by whoever has the role `provider`. Licences replace those there were; absent, they stay. */
  readonly provider?: { readonly specialty: string; readonly licenses?: readonly License[] };
  /** Where a patient usually is, ISO 3166-2. */
  readonly region?: string;
  /** Where messages go. Those not named here are taken away. */
  readonly contacts?: { readonly email?: string; readonly sms?: string };
  /** Those not named here are taken away. An identity of somebody else moves over. */
  readonly identities: readonly { readonly issuer: string; readonly subject: string }[];
}

export interface VisitTypeSpec {
  readonly key: string;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly durationMinutes: number;
  /** How long before the start and after the end the visit's page lets people in. */
  readonly earlyEntryMinutes: number;
  readonly lateEntryMinutes: number;
  /** What is left out is as the table has it: no buffers, no notice, thirty days ahead, one seat, nothing asked. */
  readonly settings?: Partial<
    Omit<VisitTypeSettings, 'name' | 'durationMinutes' | 'earlyEntryMinutes' | 'lateEntryMinutes'>
  >;
}

export interface AvailabilitySpec {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
  readonly timeZone: string;
  readonly windows?: readonly WeeklyWindow[];
  readonly rules?: readonly AvailabilityRule[];
  /** Leaves a provider alone who has rules already. Absent: replaces them. */
  readonly onlyIfNone?: boolean;
}

/**
 * Set-up by whoever runs Bedside: demo data, administration tools. Everything can be repeated; the same keys give the
 * same ids. Nothing here asks the policy, everything is audited as done by the system.
 */
export class Provisioning {
  readonly #context: CoreContext;
  readonly #bookings: Bookings;

  constructor(context: CoreContext, bookings: Bookings) {
    this.#context = context;
    this.#bookings = bookings;
  }

  async upsertOrganization(spec: OrganizationSpec): Promise<OrganizationId> {
    requireTimeZone(spec.timeZone);
    return this.#context.database.asSystem('set-up').transaction(async (tx) => {
      const { requiresLicense = false, messageDetail = 'time' } = spec;
      const change = {
        name: spec.name,
        phone: spec.phone ?? null,
        timeZone: spec.timeZone,
        requiresLicense,
        messageDetail,
      };
      const before = await tx.db
        .selectFrom('organizations')
        .where('key', '=', spec.key)
        .select('requiresLicense')
        .forNoKeyUpdate()
        .executeTakeFirst();
      const { id } = await tx.db
        .insertInto('organizations')
        .values({ key: spec.key, ...change, createdAt: nowOf(this.#context) })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(change))
        .returning('id')
        .executeTakeFirstOrThrow();
      if (before !== undefined && before.requiresLicense !== requiresLicense)
        await organizationChanged(this.#context, tx, id);
      await this.#audit(tx, { organizationId: id, type: 'organization', id });
      return id;
    });
  }

  /** Roles that are no longer named are taken away; a patient's or provider's record stays, visits refer to it. */
  async upsertPerson(spec: PersonSpec): Promise<PersonId> {
    requireTimeZone(spec.timeZone);
    const { organizationId, roles } = spec;
    if (roles.includes('provider') && spec.provider === undefined)
      throw new AppError('bad_request', { detail: 'provider: is needed by the role provider.' });
    return this.#context.database.asSystem('set-up', { organizationId }).transaction(async (tx) => {
      const now = nowOf(this.#context);
      const change = { displayName: spec.displayName, timeZone: spec.timeZone, isActive: true };
      const { id: personId } = await tx.db
        .insertInto('people')
        .values({ key: spec.key, organizationId, ...change, createdAt: now })
        .onConflict((conflict) => conflict.columns(['organizationId', 'key']).doUpdateSet(change))
        .returning('id')
        .executeTakeFirstOrThrow();
      await tx.db.deleteFrom('accountRoles').where('personId', '=', personId).execute();
      await tx.db.deleteFrom('identities').where('personId', '=', personId).execute();
      for (const role of new Set(roles))
        await tx.db.insertInto('accountRoles').values({ organizationId, personId, role }).execute();
      for (const identity of spec.identities) {
        await tx.db
          .insertInto('identities')
          .values({ ...identity, organizationId, personId, createdAt: now })
          .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet({ organizationId, personId }))
          .execute();
      }
      await this.#setContacts(tx, { organizationId, personId }, spec.contacts ?? {});
      if (roles.includes('patient')) {
        const region = spec.region ?? null;
        await tx.db
          .insertInto('patients')
          .values({ organizationId, personId, region })
          .onConflict((conflict) => conflict.column('personId').doUpdateSet({ region }))
          .execute();
      }
      if (roles.includes('provider') && spec.provider !== undefined)
        await this.#setProvider(tx, { organizationId, providerId: personId }, spec.provider);
      await this.#audit(tx, { organizationId, type: 'person', id: personId });
      return personId;
    });
  }

  async #setContacts(
    tx: Tx,
    owner: { organizationId: OrganizationId; personId: PersonId },
    contacts: NonNullable<PersonSpec['contacts']>,
  ): Promise<void> {
    await tx.db.deleteFrom('contactPoints').where('personId', '=', owner.personId).execute();
    for (const system of ['email', 'sms'] as const) {
      const value = contacts[system];
      if (value === undefined) continue;
      const { phi } = this.#context;
      const sealedValue = await sealContact(phi, tx.db, { ...owner, system }, value);
      const lookup = await contactLookup(phi, tx.db, { ...owner, system }, value);
      await tx.db
        .insertInto('contactPoints')
        .values({ ...owner, system, sealedValue, lookup })
        .execute();
    }
  }

  async #setProvider(
    tx: Tx,
    owner: { organizationId: OrganizationId; providerId: PersonId },
    { specialty, licenses }: NonNullable<PersonSpec['provider']>,
  ): Promise<void> {
    const { organizationId, providerId } = owner;
    await tx.db
      .insertInto('providers')
      .values({ organizationId, personId: providerId, specialty })
      .onConflict((conflict) => conflict.column('personId').doUpdateSet({ specialty }))
      .execute();
    if (licenses !== undefined) await replaceLicenses(tx.db, owner, licenses);
    await providerChanged(this.#context, tx, owner);
  }

  async upsertVisitType(spec: VisitTypeSpec): Promise<VisitTypeId> {
    const { key, organizationId, settings, ...named } = spec;
    const change = { ...named, ...visitTypeColumns(settings ?? {}) };
    return this.#context.database.asSystem('set-up', { organizationId }).transaction(async (tx) => {
      const { id } = await tx.db
        .insertInto('visitTypes')
        .values({ key, organizationId, ...change })
        .onConflict((conflict) =>
          conflict.columns(['organizationId', 'key']).doUpdateSet({ ...change, isActive: true }),
        )
        .returning('id')
        .executeTakeFirstOrThrow();
      await this.#audit(tx, { organizationId, type: 'visit-type', id });
      return id;
    });
  }

  /** Replaces a provider's zone and rules: weekly windows, and others where there are any. */
  async setAvailability(spec: AvailabilitySpec): Promise<void> {
    const { organizationId, providerId } = spec;
    requireTimeZone(spec.timeZone);
    const rules = [...(spec.windows ?? []).map(weeklyRule), ...(spec.rules ?? [])].map(ruleRowOf);
    await this.#context.database.asSystem('set-up', { organizationId }).transaction(async (tx) => {
      await lockProvider(tx.db, { organizationId, providerId });
      if (spec.onlyIfNone === true && (await rulesOf(tx.db, [providerId])).length > 0) return;
      await tx.db.updateTable('people').set({ timeZone: spec.timeZone }).where('id', '=', providerId).execute();
      await replaceRules(tx.db, { organizationId, providerId }, rules);
      await providerChanged(this.#context, tx, { organizationId, providerId });
      await this.#audit(tx, { organizationId, type: 'availability', id: providerId });
    });
  }

  /**
   * Books unless these two have an active visit that is not yet over by `unlessBetween`; then answers that one. The
   * time needs to be no slot, but nobody can be in two places: errors `slot_taken`, `patient_busy`.
   */
  async bookIfNone(
    booking: Booking,
    unlessBetween: { readonly from: Date; readonly to: Date },
  ): Promise<AppointmentId> {
    const { organizationId } = booking;
    const earlier = await this.#context.database
      .asSystem('set-up', { organizationId })
      .db.selectFrom('appointments')
      .select('id')
      .where('patientId', '=', booking.patientId)
      .where('providerId', '=', booking.providerId)
      .where('status', 'in', ACTIVE_STATUSES)
      .where('endsAt', '>', unlessBetween.from)
      .where('startsAt', '<', unlessBetween.to)
      .orderBy('startsAt')
      .limit(1)
      .executeTakeFirst();
    return earlier?.id ?? this.#bookings.bookAnyTime(booking, systemActor(booking.organizationId));
  }

  #audit(tx: Tx, what: { organizationId: OrganizationId; type: string; id: string }): Promise<void> {
    return audit(tx.db, {
      at: nowOf(this.#context),
      actor: systemActor(what.organizationId),
      action: 'set-up',
      resource: { type: what.type, id: what.id },
    });
  }
}
