import { randomUUID } from 'node:crypto';
import {
  AppError,
  type CareTeamRequest,
  type CoverRequest,
  type EmergencyAccessRequest,
  type MadeRelationship,
  type PersonId,
  type ProxyRequest,
  type Relationships as RelationshipList,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { bad } from '../bad-request.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { isForeignKeyBroken } from '../db/failures.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { insertOutboxEvents } from '../outbox/store.ts';
import { personOwner } from '../phi/owner.ts';
import { type Action, isDesk } from '../policy/policy.ts';
import { emergencyReasonPlace } from './emergency-reasons.ts';
import { listRelationships } from './store.ts';

const MINUTE_MS = 60_000;
const COVER_MAX_MS = 366 * 24 * 60 * MINUTE_MS;

interface Period {
  readonly validFrom: Date;
  readonly validTo: Date | null;
}

/** Errors: `bad_request`. */
const periodOf = (request: { validFrom?: string | undefined; validTo?: string | undefined }, now: Date): Period => {
  const validFrom = request.validFrom === undefined ? now : new Date(request.validFrom);
  const validTo = request.validTo === undefined ? null : new Date(request.validTo);
  if (validTo !== null && validTo <= validFrom) throw bad('validTo: must be later than validFrom.');
  return { validFrom, validTo };
};

const made = (row: { id: string } & Period): MadeRelationship => ({
  id: row.id,
  validFrom: row.validFrom.toISOString(),
  validTo: row.validTo?.toISOString() ?? null,
});

const isPatient = async (db: Db, personId: PersonId): Promise<boolean> =>
  (await db.selectFrom('patients').where('personId', '=', personId).select('personId').executeTakeFirst()) !==
  undefined;

const isProvider = async (db: Db, personId: PersonId): Promise<boolean> =>
  (await db.selectFrom('providers').where('personId', '=', personId).select('personId').executeTakeFirst()) !==
  undefined;

const isPerson = async (db: Db, personId: PersonId): Promise<boolean> =>
  (await db.selectFrom('people').where('id', '=', personId).select('id').executeTakeFirst()) !== undefined;

/** Who has to do with whom beside single visits. Every change stands in the trail, with the patient it concerns. */
export class Relationships {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * What is not over, and with `withOver` what is: for the desk and compliance all of it, for others what they stand in
   * themselves. `ofPatient` narrows it to one patient's.
   */
  async list(
    caller: Caller,
    { withOver, ofPatient }: { readonly withOver: boolean; readonly ofPatient?: PersonId | undefined },
  ): Promise<RelationshipList> {
    const at = nowOf(this.#context);
    const { db } = this.#context.database.as(caller);
    const sees = isDesk(caller.who) || caller.who.roles.includes('compliance');
    const { organizationId, personId, roles } = caller.who;
    const standsIn = {
      patientId: roles.includes('patient') ? personId : null,
      providerId: roles.includes('provider') ? personId : null,
    };
    const found = await listRelationships(this.#context.phi, db, {
      withOver,
      ofPatient,
      organizationId,
      standsIn: sees ? undefined : standsIn,
      at,
    });
    const patientIds = new Set(
      [...found.proxies, ...found.careTeam, ...found.emergencies].map((relationship) => relationship.patientId),
    );
    const entry = { at, actor: actorOf(caller), action: 'relationships.read', resource: { type: 'relationships' } };
    await audit(
      db,
      ...(patientIds.size === 0 ? [entry] : [...patientIds].map((patientId) => ({ ...entry, patientId }))),
    );
    return found;
  }

  /** Errors: `not_found` (patient, proxy), `bad_request`. */
  addProxy(caller: Caller, request: ProxyRequest): Promise<MadeRelationship> {
    return this.#write(caller, async (tx, now) => {
      const { patientId, proxyId, kind } = request;
      if (patientId === proxyId) throw bad('proxyId: must be somebody else than the patient.');
      if (!(await isPatient(tx.db, patientId)) || !(await isPerson(tx.db, proxyId))) throw new AppError('not_found');
      const row = await tx.db
        .insertInto('patientProxies')
        .values({
          ...this.#by(caller, now),
          ...periodOf(request, now),
          patientId,
          proxyId,
          kind,
          scopes: [...new Set(request.scopes)],
        })
        .returning(['id', 'validFrom', 'validTo'])
        .executeTakeFirstOrThrow();
      await this.#note(tx, caller, { now, action: 'proxy.write', type: 'proxy', id: row.id, patientId });
      return made(row);
    });
  }

  /** Errors: `not_found` (patient, provider), `bad_request`. */
  addToCareTeam(caller: Caller, request: CareTeamRequest): Promise<MadeRelationship> {
    return this.#write(caller, async (tx, now) => {
      const { patientId, memberId } = request;
      if (patientId === memberId) throw bad('memberId: must be somebody else than the patient.');
      if (!(await isPatient(tx.db, patientId)) || !(await isProvider(tx.db, memberId))) throw new AppError('not_found');
      const row = await tx.db
        .insertInto('careTeamMembers')
        .values({ ...this.#by(caller, now), ...periodOf(request, now), patientId, memberId })
        .returning(['id', 'validFrom', 'validTo'])
        .executeTakeFirstOrThrow();
      await this.#note(tx, caller, { now, action: 'careTeam.write', type: 'care-team-member', id: row.id, patientId });
      return made(row);
    });
  }

  /** By the desk, or by the provider who is away. Errors: `not_found`, `bad_request`. */
  addCover(caller: Caller, request: CoverRequest): Promise<MadeRelationship> {
    return this.#write(caller, async (tx, now) => {
      const { providerId, coveringId } = request;
      const decision = this.#context.policy.onProvider(caller.who, 'cover.write', {
        organizationId: caller.who.organizationId,
        providerId,
      });
      if (!decision.allowed) throw this.#denied(caller, { ...decision, action: 'cover.write', id: providerId });
      if (providerId === coveringId) throw bad('coveringId: must be somebody else than the provider.');
      const { validFrom, validTo } = periodOf(request, now);
      if (validTo === null || validTo.getTime() - validFrom.getTime() > COVER_MAX_MS)
        throw bad('validTo: must be at most 366 days after validFrom.');
      if (!(await isProvider(tx.db, providerId)) || !(await isProvider(tx.db, coveringId)))
        throw new AppError('not_found');
      const row = await tx.db
        .insertInto('providerCovers')
        .values({ ...this.#by(caller, now), validFrom, validTo, providerId, coveringId })
        .returning(['id', 'validFrom', 'validTo'])
        .executeTakeFirstOrThrow();
      await this.#note(tx, caller, { now, action: 'cover.write', type: 'cover', id: row.id });
      return made(row);
    });
  }

  /**
   * Break-glass: opens a patient's record to a provider for minutes, to be read. Compliance hears of it by the outbox.
   * Errors: `bad_request` (oneself), `not_found`, `unavailable` (the reason cannot be sealed now).
   */
  openInEmergency(caller: Caller, patientId: PersonId, request: EmergencyAccessRequest): Promise<MadeRelationship> {
    return this.#write(caller, async (tx, now) => {
      const { organizationId, personId } = caller.who;
      if (patientId === personId) throw bad('patientId: one’s own record needs no emergency.');
      const validTo = new Date(now.getTime() + request.minutes * MINUTE_MS);
      const id = randomUUID();
      const owner = personOwner(organizationId, patientId);
      const notFound = (error: unknown) => {
        // They may not look whether there is such a patient before they have the access that this gives.
        throw isForeignKeyBroken(error) ? new AppError('not_found', { cause: error }) : error;
      };
      const sealedReason = await this.#context.phi
        .seal(tx.db, owner, emergencyReasonPlace(id), request.reason)
        .catch(notFound);
      const row = await tx.db
        .insertInto('emergencyAccesses')
        .values({ id, organizationId, patientId, personId, sealedReason, validFrom: now, validTo })
        .returning(['id', 'validFrom', 'validTo'])
        .executeTakeFirstOrThrow()
        .catch(notFound);
      await insertOutboxEvents(tx.db, [{ organizationId, topic: 'emergency.opened', resourceId: row.id }], now);
      announceOutbox(this.#context, tx);
      await this.#note(tx, caller, {
        now,
        action: 'emergency.open',
        type: 'emergency-access',
        id: row.id,
        patientId,
        reason: 'break-glass',
      });
      return made(row);
    });
  }

  /** Errors: `not_found`. */
  endProxy(caller: Caller, id: string): Promise<void> {
    return this.#end(caller, { table: 'patientProxies', action: 'proxy.end', type: 'proxy', id });
  }

  /** Errors: `not_found`. */
  endCareTeam(caller: Caller, id: string): Promise<void> {
    return this.#end(caller, { table: 'careTeamMembers', action: 'careTeam.write', type: 'care-team-member', id });
  }

  /** Errors: `not_found`. */
  endCover(caller: Caller, id: string): Promise<void> {
    return this.#end(caller, { table: 'providerCovers', action: 'cover.write', type: 'cover', id });
  }

  /** One's own, before its minutes are over. Errors: `not_found`. */
  endEmergency(caller: Caller, id: string): Promise<void> {
    return this.#end(caller, { table: 'emergencyAccesses', action: 'emergency.end', type: 'emergency-access', id });
  }

  #end(
    caller: Caller,
    what: {
      readonly table: 'patientProxies' | 'careTeamMembers' | 'providerCovers' | 'emergencyAccesses';
      readonly action: Action;
      readonly type: string;
      readonly id: string;
    },
  ): Promise<void> {
    return this.#write(caller, async (tx, now) => {
      const { personId } = caller.who;
      const owner = {
        patientProxies: 'patientId',
        careTeamMembers: undefined,
        providerCovers: 'providerId',
        emergencyAccesses: 'personId',
      } as const;
      const column = owner[what.table];
      const isHouse = isDesk(caller.who) && what.table !== 'emergencyAccesses';
      const row =
        isHouse || column !== undefined
          ? await tx.db
              .updateTable(what.table)
              .set({ endedAt: now })
              .where('id', '=', what.id)
              .where('organizationId', '=', caller.who.organizationId)
              .where('endedAt', 'is', null)
              .$if(!isHouse && column !== undefined, (query) => query.where(column as 'id', '=', personId as string))
              .returning('id')
              .executeTakeFirst()
          : undefined;
      if (row === undefined)
        throw this.#denied(caller, {
          code: 'not_found',
          reason: 'no-such-relationship',
          action: what.action,
          id: what.id,
        });
      await this.#note(tx, caller, { now, action: what.action, type: what.type, id: what.id, reason: 'ended' });
    });
  }

  #by(caller: Caller, now: Date) {
    const { organizationId, personId } = caller.who;
    return { organizationId, madeBy: personId, madeAt: now };
  }

  #write<Result>(caller: Caller, work: (tx: Tx, now: Date) => Promise<Result>): Promise<Result> {
    return this.#context.database.as(caller).transaction((tx) => work(tx, nowOf(this.#context)));
  }

  #denied(
    caller: Caller,
    what: {
      readonly code: 'forbidden' | 'not_found';
      readonly reason: string;
      readonly action: Action;
      readonly id: string;
    },
  ): AccessDenied {
    const { code, reason, action, id } = what;
    return new AccessDenied({
      code,
      at: nowOf(this.#context),
      caller,
      action,
      reason,
      resource: { type: 'relationship', id },
    });
  }

  #note(
    tx: Tx,
    caller: Caller,
    what: {
      readonly now: Date;
      readonly action: Action;
      readonly type: string;
      readonly id: string;
      readonly patientId?: PersonId;
      readonly reason?: string;
    },
  ): Promise<void> {
    const { now, action, type, id, patientId, reason } = what;
    return audit(tx.db, { at: now, actor: actorOf(caller), action, resource: { type, id }, patientId, reason });
  }
}
