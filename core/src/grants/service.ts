import { randomUUID } from 'node:crypto';
import {
  AppError,
  type ChatMessage,
  type EncounterId,
  type ErrorCode,
  GRANT_ALGORITHM,
  GRANT_AUDIENCE,
  GRANT_CLOCK_TOLERANCE_MS,
  GRANT_TYPE,
  type Grant,
  type GrantClaims,
  GrantId,
} from '@bedside/protocol';
import { SignJWT } from 'jose';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { announce, type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { entryRefusal, entryWindow, isOver } from '../encounters/encounter-model.ts';
import { lastMessages, mayReadThread } from '../encounters/messages.ts';
import { auditVisit } from '../encounters/visit-audit.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import { lockVisit, memberOf, type Visit } from '../encounters/visit-store.ts';
import { callerOf, type Holder, judgeHolder } from './holder.ts';
import { GRANT_LIFE_MS, permissionsOf } from './permissions.ts';
import type { SigningKey } from './signing-key.ts';
import { findGrant, type GrantRow, prolong, revokeWhere, useUp } from './store.ts';

const ENDED: ReadonlySet<ErrorCode> = new Set(['grant_revoked', 'visit_over']);
/** For what is told without a transaction: nothing was written. */
const AT_ONCE: Pick<Tx, 'onCommit'> = { onCommit: (hook) => hook() };

export class Grants {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;
  readonly #key: SigningKey;
  readonly #issuer: string;

  /** `issuer`: the public URL, which is also where signaling is. */
  constructor(options: { context: CoreContext; desk: VisitDesk; key: SigningKey; issuer: string }) {
    this.#context = options.context;
    this.#desk = options.desk;
    this.#key = options.key;
    this.#issuer = options.issuer;
  }

  /** Errors: `not_found`, `visit_too_early`, `visit_over`. */
  async issue(caller: Caller, encounterId: EncounterId): Promise<Grant> {
    const visit = await this.#desk.read(caller, 'encounter.grant', encounterId);
    const member = memberOf(visit, caller.who.personId);
    if (member === undefined) throw new AppError('not_found');
    const now = nowOf(this.#context);
    const refusal = entryRefusal({ status: visit.status, ...entryWindow(visit) }, now);
    if (refusal !== undefined) {
      this.#context.events.grantRefused({ code: refusal, encounterId });
      throw new AppError(refusal);
    }
    const id = GrantId.parse(randomUUID());
    const expiresAt = new Date(now.getTime() + GRANT_LIFE_MS);
    const token = await this.#sign({ visit, caller, id, role: member.role, issuedAt: now, expiresAt });
    const iceServers = await this.#context.database.as(caller).transaction(async (tx) => {
      const { db } = tx;
      await db
        .insertInto('grants')
        .values({
          id,
          organizationId: visit.organizationId,
          encounterId,
          personId: member.personId,
          role: member.role,
          sessionHash: caller.sessionHash,
          issuedAt: now,
          expiresAt,
        })
        .execute();
      await auditVisit(db, visit, {
        at: now,
        actor: actorOf(caller, member.role),
        action: 'grant.issue',
        resource: { type: 'grant', id },
        concerned: member.personId,
      });
      return this.#context.relay.mint(tx, id, now);
    });
    this.#context.events.grantIssued({ grantId: id, encounterId, role: member.role });
    return {
      id,
      token,
      expiresAt: expiresAt.toISOString(),
      signalingUrl: `${this.#issuer.replace(/^http/, 'ws')}/signal`,
      iceServers,
    };
  }

  #sign(grant: {
    visit: Visit;
    caller: Caller;
    id: GrantId;
    role: GrantRow['role'];
    issuedAt: Date;
    expiresAt: Date;
  }): Promise<string> {
    const issuedAt = Math.floor(grant.issuedAt.getTime() / 1000);
    const claims: GrantClaims = {
      iss: this.#issuer,
      aud: GRANT_AUDIENCE,
      sub: grant.caller.who.personId,
      jti: grant.id,
      enc: grant.visit.encounterId,
      apt: grant.visit.appointmentId,
      room: grant.visit.roomId,
      role: grant.role,
      sid: grant.caller.sessionHash,
      perm: permissionsOf(grant.role),
      iat: issuedAt,
      nbf: issuedAt,
      exp: Math.floor(grant.expiresAt.getTime() / 1000),
    };
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: GRANT_ALGORITHM, typ: GRANT_TYPE, kid: this.#key.kid })
      .sign(this.#key.privateKey);
  }

  /** SPEC GR3, core's part: `grant_revoked`, `grant_replayed`, `visit_over`, in this order. One redeemer wins (GR4). */
  redeem(holder: Holder): Promise<{ admitted: boolean; messages: ChatMessage[] }> {
    return this.#counted(holder, () =>
      this.#context.database.asSystem('visit', { encounterId: holder.encounterId }).transaction(async (tx) => {
        const grant = await judgeHolder(tx.db, holder);
        if (grant.redeemedAt !== null) throw new AppError('grant_replayed');
        const visit = await this.#openVisit(tx, holder);
        const now = nowOf(this.#context);
        if (now.getTime() > grant.expiresAt.getTime() + GRANT_CLOCK_TOLERANCE_MS) throw new AppError('grant_expired');
        if (!(await useUp(tx.db, grant.id, now))) throw await this.#whyNotUsable(tx, holder);
        await this.#audit(tx, { grant, visit, now, action: 'grant.redeem' });
        tx.onCommit(() => this.#context.events.grantRedeemed({ grantId: grant.id, encounterId: grant.encounterId }));
        const member = memberOf(visit, grant.personId);
        const readable = member !== undefined && mayReadThread(visit, member);
        return {
          admitted: member?.admittedAt != null,
          messages: readable ? await lastMessages(this.#context.phi, tx.db, { visit, evenIfAway: true }) : [],
        };
      }),
    );
  }

  async #whyNotUsable(tx: Tx, holder: Holder): Promise<AppError> {
    const grant = await findGrant(tx.db, holder.grantId);
    return new AppError(grant === undefined || grant.revokedAt !== null ? 'grant_revoked' : 'grant_replayed');
  }

  /**
   * Prolongs a grant in use by its life from now. One that ran out while core could not be asked is taken up again: its
   * session went on (SPEC GR4). Keeps the browser session and the presence of its holder alive too.
   */
  async renew(holder: Holder): Promise<{ expiresAt: string }> {
    try {
      return await this.#renew(holder);
    } catch (error) {
      // However it ended (an account that was closed announces nothing by itself), what is relayed for it ends too.
      if (error instanceof AppError && ENDED.has(error.code))
        this.#context.relay.revoke(AT_ONCE, holder.grantId, nowOf(this.#context));
      throw error;
    }
  }

  #renew(holder: Holder): Promise<{ expiresAt: string }> {
    return this.#counted(holder, () =>
      this.#context.database.asSystem('visit', { encounterId: holder.encounterId }).transaction(async (tx) => {
        const { db } = tx;
        const grant = await judgeHolder(db, holder);
        if (grant.redeemedAt === null) throw new AppError('forbidden');
        const encounter = await db
          .selectFrom('encounters')
          .select('status')
          .where('id', '=', holder.encounterId)
          .executeTakeFirstOrThrow();
        if (isOver(encounter.status)) throw new AppError('visit_over');
        const now = nowOf(this.#context);
        const expiresAt = new Date(now.getTime() + GRANT_LIFE_MS);
        await prolong(db, grant.id, expiresAt);
        this.#context.relay.extend(tx, grant.id, now);
        await db
          .updateTable('presences')
          .set({ seenAt: now })
          .where('encounterId', '=', holder.encounterId)
          .where('personId', '=', holder.personId)
          .execute();
        // Whoever is in a visit is not idle.
        await db
          .updateTable('sessions')
          .set({ seenAt: now })
          .where('idHash', '=', grant.sessionHash)
          .where('endedAt', 'is', null)
          .execute();
        return { expiresAt: expiresAt.toISOString() };
      }),
    );
  }

  /** One's own grant, or one for the visit that one hosts. Repeated, it announces again. Errors: `not_found`. */
  async revoke(caller: Caller, id: GrantId): Promise<void> {
    await this.#context.database.as(caller).transaction(async (tx) => {
      const at = nowOf(this.#context);
      const grant = await findGrant(tx.db, id);
      const visit = grant && (await lockVisit(tx.db, grant.encounterId));
      const { personId, roles } = caller.who;
      const own = grant?.personId === personId || (visit?.providerId === personId && roles.includes('provider'));
      if (grant === undefined || visit === undefined || !own || grant.organizationId !== caller.who.organizationId) {
        throw new AccessDenied({
          code: 'not_found',
          at,
          caller,
          action: 'grant.revoke',
          reason: 'not-theirs',
          resource: { type: 'grant', id },
        });
      }
      for (const revoked of await revokeWhere(tx.db, { id }, at))
        await this.#revoked(tx, { revoked, caller, visit, at });
      this.#announceRevoked(tx, { id, encounterId: grant.encounterId }, at);
    });
  }

  /** Everything that a browser session was given, when the session ends. Part of the transaction that ends it. */
  async revokeOfSession(tx: Tx, caller: Caller, at: Date): Promise<void> {
    for (const revoked of await revokeWhere(tx.db, { sessionHash: caller.sessionHash }, at)) {
      const visit = await tx.db
        .selectFrom('encounters')
        .select('patientId')
        .where('id', '=', revoked.encounterId)
        .executeTakeFirstOrThrow();
      await this.#revoked(tx, { revoked, caller, visit, at });
      this.#announceRevoked(tx, revoked, at);
    }
  }

  /** Signaling ends the session, the relay what it relays for it; each hears of it by itself (SPEC GR6). */
  #announceRevoked(tx: Tx, grant: { id: GrantId; encounterId: EncounterId }, at: Date): void {
    announce(this.#context, tx, { type: 'grantRevoked', encounterId: grant.encounterId, grantId: grant.id });
    this.#context.relay.revoke(tx, grant.id, at);
  }

  async #revoked(
    tx: Tx,
    act: {
      revoked: { id: GrantId; encounterId: EncounterId };
      caller: Caller;
      visit: Pick<Visit, 'patientId'>;
      at: Date;
    },
  ): Promise<void> {
    await audit(tx.db, {
      at: act.at,
      actor: actorOf(act.caller),
      action: 'grant.revoke',
      resource: { type: 'grant', id: act.revoked.id },
      patientId: act.visit.patientId ?? undefined,
      encounterId: act.revoked.encounterId,
    });
    tx.onCommit(() => this.#context.events.grantRevoked({ grantId: act.revoked.id }));
  }

  async #openVisit(tx: Tx, holder: Holder): Promise<Visit> {
    const visit = await lockVisit(tx.db, holder.encounterId);
    if (visit === undefined) throw new AppError('forbidden');
    if (isOver(visit.status)) throw new AppError('visit_over');
    return visit;
  }

  #audit(tx: Tx, act: { grant: GrantRow; visit: Visit; now: Date; action: string }): Promise<void> {
    return auditVisit(tx.db, act.visit, {
      at: act.now,
      actor: actorOf(callerOf(act.grant), act.grant.role),
      action: act.action,
      resource: { type: 'grant', id: act.grant.id },
      concerned: act.grant.personId,
    });
  }

  async #counted<Result>(holder: Holder, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError)
        this.#context.events.grantRefused({ code: error.code, encounterId: holder.encounterId });
      throw error;
    }
  }
}
