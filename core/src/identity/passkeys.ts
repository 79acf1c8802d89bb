import { AppError, type PasskeyAssertion, type PasskeyRegistration, type PasskeySummary } from '@bedside/protocol';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { newSecret } from '../secrets.ts';
import type { Sessions } from './sessions.ts';

const CEREMONY_MS = 5 * 60_000;
const MAX_PASSKEYS = 10;
/** COSE algorithms (RFC 9053): EdDSA, ES256, RS256. */
const SIGNATURES = [-8, -7, -257];

type Ceremony = 'registration' | 'assertion';
type RegistrationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;
type AssertionOptions = Awaited<ReturnType<typeof generateAuthenticationOptions>>;

/**
 * Passkeys as a second factor (W3C Web Authentication Level 3): registered and asked by the session's own challenge,
 * which is good once, for five minutes, for one kind of ceremony. The authenticator has to have recognized its user.
 */
export class Passkeys {
  readonly #context: CoreContext;
  readonly #sessions: Sessions;
  readonly #origin: string;
  readonly #rpId: string;

  constructor(options: { context: CoreContext; sessions: Sessions; publicUrl: string }) {
    this.#context = options.context;
    this.#sessions = options.sessions;
    this.#origin = options.publicUrl;
    this.#rpId = new URL(options.publicUrl).hostname;
  }

  async list(caller: Caller): Promise<PasskeySummary[]> {
    const rows = await this.#of(caller).orderBy('createdAt').execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
      ...(row.usedAt === null ? {} : { usedAt: row.usedAt.toISOString() }),
      cloned: row.clonedAt !== null,
    }));
  }

  async startRegistration(caller: Caller): Promise<RegistrationOptions> {
    const known = await this.#of(caller).execute();
    const person = await this.#context.database
      .as(caller)
      .db.selectFrom('people')
      .select('displayName')
      .where('id', '=', caller.who.personId)
      .executeTakeFirstOrThrow();
    return generateRegistrationOptions({
      rpName: 'Bedside',
      rpID: this.#rpId,
      userName: person.displayName,
      userID: new TextEncoder().encode(caller.who.personId),
      challenge: await this.#challenge(caller, 'registration'),
      timeout: CEREMONY_MS,
      attestationType: 'none',
      supportedAlgorithmIDs: SIGNATURES,
      excludeCredentials: known.map((row) => ({ id: row.credentialId })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    });
  }

  /** Errors: `step_up_failed`, `bad_request` for one too many. */
  async register(caller: Caller, passkey: { name: string; response: PasskeyRegistration }): Promise<PasskeySummary> {
    const expectedChallenge = await this.#takeChallenge(caller, 'registration');
    const verified = await failing(() =>
      verifyRegistrationResponse({
        response: passkey.response as Parameters<typeof verifyRegistrationResponse>[0]['response'],
        expectedChallenge,
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: SIGNATURES,
      }),
    );
    if (!verified.verified) throw new AppError('step_up_failed');
    const { credential } = verified.registrationInfo;
    const { personId, organizationId } = caller.who;
    const at = nowOf(this.#context);
    return this.#context.database.as(caller).transaction(async (tx) => {
      // Of two who register at once the second counts the first's.
      await tx.db.selectFrom('people').select('id').where('id', '=', personId).forUpdate().execute();
      const count = await tx.db
        .selectFrom('passkeys')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('personId', '=', personId)
        .executeTakeFirstOrThrow();
      if (Number(count.count) >= MAX_PASSKEYS)
        throw new AppError('bad_request', {
          detail: `response: ${MAX_PASSKEYS} passkeys are the most. Remove one first.`,
        });
      const row = await tx.db
        .insertInto('passkeys')
        .values({
          organizationId,
          personId,
          name: passkey.name,
          credentialId: credential.id,
          publicKey: Buffer.from(credential.publicKey),
          signCount: credential.counter,
          transports: [...(credential.transports ?? [])],
          createdAt: at,
        })
        .onConflict((conflict) => conflict.column('credentialId').doNothing())
        .returning(['id', 'createdAt'])
        .executeTakeFirst();
      if (row === undefined) throw new AppError('step_up_failed');
      await audit(tx.db, {
        at,
        actor: actorOf(caller),
        action: 'passkey.register',
        resource: { type: 'passkey', id: row.id },
      });
      return { id: row.id, name: passkey.name, createdAt: row.createdAt.toISOString(), cloned: false };
    });
  }

  /** Errors: `not_found`. */
  async remove(caller: Caller, id: string): Promise<void> {
    const at = nowOf(this.#context);
    await this.#context.database.as(caller).transaction(async (tx) => {
      const gone = await tx.db
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('personId', '=', caller.who.personId)
        .executeTakeFirst();
      if (gone.numDeletedRows !== 1n) throw new AppError('not_found');
      await audit(tx.db, {
        at,
        actor: actorOf(caller),
        action: 'passkey.remove',
        resource: { type: 'passkey', id },
      });
    });
  }

  /** Errors: `not_found` for somebody who has none. */
  async startAssertion(caller: Caller): Promise<AssertionOptions> {
    const known = await this.#of(caller).where('clonedAt', 'is', null).execute();
    if (known.length === 0) throw new AppError('not_found');
    return generateAuthenticationOptions({
      rpID: this.#rpId,
      challenge: await this.#challenge(caller, 'assertion'),
      timeout: CEREMONY_MS,
      userVerification: 'required',
      allowCredentials: known.map((row) => ({ id: row.credentialId })),
    });
  }

  /** Makes the session stronger; answers its new cookie. Errors: `step_up_failed`. */
  async assert(caller: Caller, response: PasskeyAssertion): Promise<string> {
    const expectedChallenge = await this.#takeChallenge(caller, 'assertion');
    const known = await this.#of(caller)
      .where('credentialId', '=', response.id)
      .where('clonedAt', 'is', null)
      .executeTakeFirst();
    if (known === undefined) throw new AppError('step_up_failed');
    const { authenticationInfo, verified } = await failing(() =>
      verifyAuthenticationResponse({
        response: response as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
        expectedChallenge,
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        // The counter is judged below: one that goes back is more than a failure.
        credential: { id: known.credentialId, publicKey: new Uint8Array(known.publicKey), counter: 0 },
      }),
    );
    if (!verified) throw new AppError('step_up_failed');
    const at = nowOf(this.#context);
    const { newCounter } = authenticationInfo;
    // §6.1.1: authenticators that do not count say 0 for ever; of the others two with one key are told apart.
    const cookie = await this.#context.database.as(caller).transaction(async (tx) => {
      const used = await tx.db
        .updateTable('passkeys')
        .set({ signCount: newCounter, usedAt: at })
        .where('id', '=', known.id)
        .where((eb) =>
          eb.or([
            eb('signCount', '<', String(newCounter)),
            eb.and([eb('signCount', '=', '0'), eb.lit(newCounter === 0)]),
          ]),
        )
        .executeTakeFirst();
      return used.numUpdatedRows === 1n
        ? this.#sessions.strengthen(tx, caller, { passkeyAt: at }, 'passkey')
        : undefined;
    });
    if (cookie !== undefined) return cookie;
    await this.#context.database
      .as(caller)
      .db.updateTable('passkeys')
      .set({ clonedAt: at })
      .where('id', '=', known.id)
      .execute();
    throw new AccessDenied({
      code: 'step_up_failed',
      at,
      caller,
      action: 'session.step-up',
      reason: 'passkey-cloned',
      resource: { type: 'passkey', id: known.id },
    });
  }

  #of(caller: Caller) {
    return this.#context.database
      .as(caller)
      .db.selectFrom('passkeys')
      .selectAll()
      .where('personId', '=', caller.who.personId);
  }

  /** One ceremony a session: whoever begins another ends the first. */
  async #challenge(caller: Caller, ceremony: Ceremony): Promise<Uint8Array<ArrayBuffer>> {
    const challenge = newSecret();
    await this.#context.database
      .as(caller)
      .db.updateTable('sessions')
      .set({
        challenge,
        challengeFor: ceremony,
        challengeExpiresAt: new Date(nowOf(this.#context).getTime() + CEREMONY_MS),
      })
      .where('idHash', '=', caller.sessionHash)
      .execute();
    return new Uint8Array(Buffer.from(challenge, 'base64url'));
  }

  async #takeChallenge(caller: Caller, ceremony: Ceremony): Promise<string> {
    const taken = await this.#context.database.as(caller).transaction(async (tx) => {
      const row = await tx.db
        .selectFrom('sessions')
        .select(['challenge', 'challengeFor', 'challengeExpiresAt'])
        .where('idHash', '=', caller.sessionHash)
        .forUpdate()
        .executeTakeFirst();
      await tx.db
        .updateTable('sessions')
        .set({ challenge: null, challengeFor: null, challengeExpiresAt: null })
        .where('idHash', '=', caller.sessionHash)
        .execute();
      return row;
    });
    const expiresAt = taken?.challengeExpiresAt ?? null;
    if (taken?.challenge == null || taken.challengeFor !== ceremony || expiresAt === null)
      throw new AppError('step_up_failed');
    if (nowOf(this.#context) >= expiresAt) throw new AppError('step_up_failed');
    return taken.challenge;
  }
}

/** The library says by throwing what it refuses. */
const failing = async <Result>(verify: () => Promise<Result>): Promise<Result> => {
  try {
    return await verify();
  } catch (cause) {
    throw new AppError('step_up_failed', { cause });
  }
};
