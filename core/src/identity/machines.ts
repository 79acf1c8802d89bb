import { randomUUID } from 'node:crypto';
import {
  AppError,
  type NewServiceClient,
  PersonId,
  type ServiceClient,
  type ServicePublicKey,
} from '@bedside/protocol';
import type { Selectable } from 'kysely';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { ScopedDatabase } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { isForMachines } from '../policy/policy.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import { ASSERTION_MAX_AGE_SECONDS, checkAssertion, claimedClient } from './client-assertion.ts';
import type { Origin } from './sessions.ts';
import { spend } from './store.ts';

const TOKEN_LIFE_MS = 10 * 60_000;
/** An assertion's age, and the tolerance for clocks at both ends. */
const ASSERTION_KEPT_MS = (ASSERTION_MAX_AGE_SECONDS + 60) * 1_000;

/** What the token endpoint answers (RFC 6749 §5). */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string; readonly expiresInSeconds: number; readonly scope: string }
  | { readonly kind: 'refused'; readonly error: 'invalid_client' | 'invalid_scope' };

const asServiceClient = (row: Selectable<Tables['serviceClients']>): ServiceClient => ({
  id: row.personId,
  organizationId: row.organizationId,
  label: row.label,
  actions: row.actions,
  createdAt: row.createdAt.toISOString(),
  ...(row.revokedAt === null ? {} : { revokedAt: row.revokedAt.toISOString() }),
});

/**
 * Machines: accounts without a sign-in, each with a key of its own and the actions it was given by name. A token is
 * opaque, minutes long, kept as a hash, and worth nothing from the moment its machine is revoked.
 */
export class Machines {
  readonly #context: CoreContext;
  readonly #audiences: string[];

  constructor(options: { context: CoreContext; publicUrl: string }) {
    this.#context = options.context;
    this.#audiences = [`${options.publicUrl}/auth/token`, options.publicUrl];
  }

  /** Nobody is known yet. */
  get #signIn(): ScopedDatabase {
    return this.#context.database.asSystem('sign-in');
  }

  /**
   * The same key again answers the machine that it made. Errors: `bad_request` for an action that machines cannot be
   * given, `idempotency_conflict`.
   */
  async create(caller: Caller, spec: NewServiceClient, idempotencyKey: string | undefined): Promise<ServiceClient> {
    const actions = [...new Set(spec.actions)].sort();
    if (!actions.every(isForMachines))
      throw new AppError('bad_request', { detail: 'actions: must be actions that machines may be given.' });
    const { organizationId } = caller.who;
    const now = nowOf(this.#context);
    const id = PersonId.parse(randomUUID());
    const key = requestKey(caller, idempotencyKey, { operation: 'machine.create', body: spec });
    return this.#context.database.as(caller).transaction(async (tx) => {
      const earlier = await earlierResource(tx.db, key, { organizationId, now });
      if (earlier !== undefined)
        return asServiceClient(
          await tx.db
            .selectFrom('serviceClients')
            .selectAll()
            .where('personId', '=', PersonId.parse(earlier))
            .executeTakeFirstOrThrow(),
        );
      const { timeZone } = await tx.db
        .selectFrom('organizations')
        .select('timeZone')
        .where('id', '=', organizationId)
        .executeTakeFirstOrThrow();
      await tx.db
        .insertInto('people')
        .values({ id, organizationId, key: `service:${id}`, displayName: spec.label, timeZone, createdAt: now })
        .execute();
      await tx.db.insertInto('accountRoles').values({ organizationId, personId: id, role: 'service' }).execute();
      await tx.db
        .insertInto('serviceClients')
        .values({
          personId: id,
          organizationId,
          label: spec.label,
          publicJwk: JSON.stringify(spec.publicKey),
          actions,
          createdBy: caller.who.personId,
          createdAt: now,
        })
        .execute();
      await audit(tx.db, {
        at: now,
        actor: actorOf(caller),
        action: 'machine.create',
        resource: { type: 'machine', id },
      });
      await keepResource(tx.db, key, id);
      return { id, organizationId, label: spec.label, actions, createdAt: now.toISOString() };
    });
  }

  async list(caller: Caller): Promise<ServiceClient[]> {
    const rows = await this.#context.database
      .as(caller)
      .db.selectFrom('serviceClients')
      .selectAll()
      .where('organizationId', '=', caller.who.organizationId)
      .orderBy('createdAt', 'desc')
      .limit(200)
      .execute();
    return rows.map(asServiceClient);
  }

  /** Ends a machine and every token it has, at once. Errors: `not_found`. */
  async revoke(caller: Caller, id: PersonId): Promise<void> {
    const at = nowOf(this.#context);
    await this.#context.database.as(caller).transaction(async (tx) => {
      const revoked = await tx.db
        .updateTable('serviceClients')
        .set((eb) => ({ revokedAt: eb.fn.coalesce('revokedAt', eb.val(at)) }))
        .where('personId', '=', id)
        .where('organizationId', '=', caller.who.organizationId)
        .executeTakeFirst();
      if (revoked.numUpdatedRows !== 1n) throw new AppError('not_found');
      await tx.db.updateTable('people').set({ isActive: false }).where('id', '=', id).execute();
      await tx.db.deleteFrom('serviceTokens').where('personId', '=', id).execute();
      await audit(tx.db, { at, actor: actorOf(caller), action: 'machine.revoke', resource: { type: 'machine', id } });
    });
  }

  /**
   * The client credentials grant (RFC 6749 §4.4) with `private_key_jwt`. `scope`: actions with blanks between them, a
   * part of what the machine was given; absent: all of it.
   */
  async issue(request: {
    assertion: string;
    clientId: string | undefined;
    scope: string | undefined;
    origin: Origin;
  }): Promise<TokenAnswer> {
    const { assertion, scope, origin } = request;
    const claimed = PersonId.safeParse(claimedClient(assertion));
    const isTheirs = request.clientId === undefined || request.clientId === claimed.data;
    const client = claimed.success && isTheirs ? await this.#findClient(claimed.data) : undefined;
    const now = nowOf(this.#context);
    const actor = {
      organizationId: client?.organizationId,
      personId: client?.personId,
      role: client === undefined ? undefined : 'service',
      ...origin,
    };
    const deny = async (reason: string): Promise<TokenAnswer> => {
      const entry = { at: now, actor, action: 'token.issue', resource: { type: 'token' }, outcome: 'denied' as const };
      await audit(this.#signIn.db, { ...entry, reason });
      return { kind: 'refused', error: 'invalid_client' };
    };
    if (client === undefined) return deny('machine-unknown');
    const { personId: clientId, organizationId } = client;
    const checked = await checkAssertion(assertion, {
      clientId,
      key: client.publicJwk,
      audiences: this.#audiences,
      now,
    });
    if (checked === undefined) return deny('assertion-refused');
    const wanted = scope === undefined ? client.actions : [...new Set(scope.split(' ').filter((name) => name !== ''))];
    const token = newSecret();
    const answer = await this.#signIn.transaction(async (tx): Promise<TokenAnswer | undefined> => {
      const isFirst = await spend(tx.db, {
        presenter: `assertion:${clientId}`,
        idHash: sha256(checked.id),
        organizationId,
        now,
        until: new Date(now.getTime() + ASSERTION_KEPT_MS),
      });
      if (!isFirst) return undefined;
      if (wanted.length === 0 || !wanted.every((name) => client.actions.includes(name)))
        return { kind: 'refused', error: 'invalid_scope' };
      await tx.db.deleteFrom('serviceTokens').where('expiresAt', '<', now).execute();
      await tx.db
        .insertInto('serviceTokens')
        .values({
          idHash: sha256(token),
          organizationId,
          personId: clientId,
          actions: wanted,
          issuedAt: now,
          expiresAt: new Date(now.getTime() + TOKEN_LIFE_MS),
        })
        .execute();
      await audit(tx.db, { at: now, actor, action: 'token.issue', resource: { type: 'token' } });
      return { kind: 'token', token, expiresInSeconds: TOKEN_LIFE_MS / 1_000, scope: wanted.join(' ') };
    });
    return answer ?? deny('assertion-replayed');
  }

  #findClient(id: PersonId) {
    return this.#signIn.db
      .selectFrom('serviceClients')
      .innerJoin('people', 'people.id', 'serviceClients.personId')
      .select(['serviceClients.personId', 'serviceClients.organizationId', 'publicJwk', 'actions'])
      .where('serviceClients.personId', '=', id)
      .where('revokedAt', 'is', null)
      .where('people.isActive', '=', true)
      .executeTakeFirst() as Promise<
      | {
          personId: PersonId;
          organizationId: Caller['who']['organizationId'];
          publicJwk: ServicePublicKey;
          actions: string[];
        }
      | undefined
    >;
  }

  /** Who a token belongs to; nobody where it is unknown, over, or its machine is. */
  async recognize(token: string, origin: Origin): Promise<Caller | undefined> {
    if (!looksLikeSecret(token)) return undefined;
    const idHash = sha256(token);
    const row = await this.#signIn.db
      .selectFrom('serviceTokens')
      .innerJoin('serviceClients', 'serviceClients.personId', 'serviceTokens.personId')
      .innerJoin('people', 'people.id', 'serviceTokens.personId')
      .innerJoin('accountRoles', 'accountRoles.personId', 'serviceTokens.personId')
      .select(['serviceTokens.personId', 'serviceTokens.organizationId', 'serviceTokens.actions'])
      .where('idHash', '=', idHash)
      .where('expiresAt', '>', nowOf(this.#context))
      .where('revokedAt', 'is', null)
      .where('people.isActive', '=', true)
      .where('accountRoles.role', '=', 'service')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { personId, organizationId, actions } = row;
    return {
      who: { personId, organizationId, roles: ['service'] },
      sessionHash: idHash,
      ...origin,
      machine: { actions },
    };
  }
}
