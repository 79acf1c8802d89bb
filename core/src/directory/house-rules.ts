import {
  AppError,
  type CompactList,
  type DailyCapList,
  type HolidayList,
  type LicenseList,
  type PayerId,
  type PayerRuleList,
  type PersonId,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { organizationChanged } from '../scheduling/organization-change.ts';
import { lockProvider, providerChanged } from '../scheduling/provider-change.ts';
import { requireDates, requireDistinct, requireOneAuthority } from './dated-rules.ts';
import {
  listCompactMembers,
  listDailyCaps,
  listHolidays,
  listPayerRules,
  replaceCompactMembers,
  replaceDailyCaps,
  replaceHolidays,
  replacePayerRules,
} from './house-rules-store.ts';
import { licensesOf, replaceLicenses } from './license-store.ts';
import { requireVersion } from './list-version.ts';
import { requireVisitTypes } from './visit-type-store.ts';

/**
 * The rules of law, payers and the house. Each list is replaced as a whole, in one transaction with the audit row and
 * with what follows from it; two who replace the same list do it one after the other.
 */
export class HouseRules {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Errors: `bad_request`, `version_conflict`. Providers' days follow by a job. */
  async setHolidays(caller: Caller, { holidays, version }: HolidayList): Promise<void> {
    const { organizationId } = caller.who;
    requireDistinct('holidays', holidays, (holiday) => holiday.date);
    await this.#replace(caller, 'holidays', async (tx) => {
      requireVersion(version, await listHolidays(tx.db, organizationId));
      await replaceHolidays(tx.db, organizationId, holidays);
      await organizationChanged(this.#context, tx, organizationId);
    });
  }

  /** Errors: `bad_request`, `version_conflict`. Providers' days follow by a job. */
  async setCompactMembers(caller: Caller, { members, version }: CompactList): Promise<void> {
    const { organizationId } = caller.who;
    requireDates('members', members);
    requireDistinct('members', members, (member) => JSON.stringify([member.compact, member.region, member.validFrom]));
    await this.#replace(caller, 'compacts', async (tx) => {
      requireVersion(version, await listCompactMembers(tx.db, organizationId));
      await replaceCompactMembers(tx.db, organizationId, members);
      await organizationChanged(this.#context, tx, organizationId);
    });
  }

  /** Errors: `bad_request`, `version_conflict`. */
  async setPayerRules(caller: Caller, { rules, version }: PayerRuleList): Promise<void> {
    const { organizationId } = caller.who;
    requireDates('rules', rules);
    await this.#replace(caller, 'payer-rules', async (tx) => {
      requireVersion(version, await listPayerRules(tx.db, organizationId));
      await requireVisitTypes(
        tx.db,
        organizationId,
        rules.map((rule, index) => ({
          field: `rules.${index}.visitTypeId`,
          ids: rule.visitTypeId === undefined ? [] : [rule.visitTypeId],
        })),
      );
      await this.#requirePayers(tx, caller, rules);
      await replacePayerRules(tx.db, organizationId, rules);
    });
  }

  /** Errors: `bad_request`, `not_found`, `version_conflict`. */
  async setLicenses(caller: Caller, providerId: PersonId, { licenses, version }: LicenseList): Promise<void> {
    const owner = { organizationId: caller.who.organizationId, providerId };
    requireOneAuthority(licenses);
    requireDates('licenses', licenses);
    await this.#context.database.as(caller).transaction(async (tx) => {
      await lockProvider(tx.db, owner);
      requireVersion(version, await licensesOf(tx.db, providerId));
      await replaceLicenses(tx.db, owner, licenses);
      await providerChanged(this.#context, tx, owner);
      await this.#audit(tx, caller, { type: 'licenses', id: providerId });
    });
  }

  /** Errors: `bad_request`, `not_found`, `version_conflict`. */
  async setDailyCaps(caller: Caller, providerId: PersonId, { caps, version }: DailyCapList): Promise<void> {
    const owner = { organizationId: caller.who.organizationId, providerId };
    requireDates('caps', caps);
    await this.#context.database.as(caller).transaction(async (tx) => {
      await lockProvider(tx.db, owner);
      requireVersion(version, await listDailyCaps(tx.db, providerId));
      await requireVisitTypes(
        tx.db,
        owner.organizationId,
        caps.map((cap, index) => ({
          field: `caps.${index}.visitTypeId`,
          ids: cap.visitTypeId === undefined ? [] : [cap.visitTypeId],
        })),
      );
      await replaceDailyCaps(tx.db, owner, caps);
      await this.#audit(tx, caller, { type: 'daily-caps', id: providerId });
    });
  }

  async #replace(caller: Caller, type: string, work: (tx: Tx) => Promise<void>): Promise<void> {
    const { organizationId } = caller.who;
    await this.#context.database.as(caller).transaction(async (tx) => {
      await tx.db.selectFrom('organizations').where('id', '=', organizationId).select('id').forNoKeyUpdate().execute();
      await work(tx);
      await this.#audit(tx, caller, { type, id: organizationId });
    });
  }

  async #requirePayers(tx: Tx, caller: Caller, rules: readonly { readonly payerId: PayerId }[]): Promise<void> {
    const rows = await tx.db
      .selectFrom('payers')
      .where('organizationId', '=', caller.who.organizationId)
      .select('id')
      .execute();
    const known = new Set(rows.map((row) => row.id));
    const wrong = rules.findIndex((rule) => !known.has(rule.payerId));
    if (wrong >= 0)
      throw new AppError('bad_request', { detail: `rules.${wrong}.payerId: must name a payer of the organization.` });
  }

  #audit(tx: Tx, caller: Caller, resource: { type: string; id: string }): Promise<void> {
    return audit(tx.db, { at: nowOf(this.#context), actor: actorOf(caller, 'admin'), action: 'rules.write', resource });
  }
}
