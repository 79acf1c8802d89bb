import { createHmac } from 'node:crypto';
import type { Bus } from '@bedside/kit';
import {
  type EncounterId,
  type GrantId,
  type IceServer,
  TURN_CREDENTIAL_SUBJECT,
  type TurnCredentialEvent,
} from '@bedside/protocol';
import type { Tx } from '../db/database.ts';

/** Where browsers find the relay, and the secret that is shared with it. */
export interface RelayAccess {
  /** `turn:` and `turns:` URIs (RFC 7065); browsers try all of them at once and keep the first kind that works. */
  readonly urls: readonly string[];
  readonly secret: string;
}

/**
 * Life of a relay credential, from its minting and from each renewal of its grant. It outlives the grant, because a
 * visit that runs outlives core: while core cannot be asked nobody renews, and nothing is taken from anybody (GR4).
 */
export const RELAY_CREDENTIAL_LIFE_MS = 15 * 60_000;
/** The relay's clock may be behind by this much: what is revoked stays so until then. */
const CLOCK_MARGIN_MS = 60_000;

/**
 * Relay credentials by coturn's shared-secret scheme: `<expiry, seconds since the epoch>:<grant id>` and its HMAC-SHA1
 * in base64. They say a grant's id and nothing of the person or the visit. The relay is told after each commit what
 * became of them; a coturn in its place listens to nobody and goes by the expiry alone.
 */
export class RelayCredentials {
  readonly #access: RelayAccess | undefined;
  readonly #bus: Bus;

  /** Without `access` there is no relay: nothing is minted and nobody is told. */
  constructor(options: { access: RelayAccess | undefined; bus: Bus }) {
    this.#access = options.access;
    this.#bus = options.bus;
  }

  /** What a browser is to be given with the grant: at most one server, with all ways to it. */
  mint(tx: Tx, grantId: GrantId, now: Date): IceServer[] {
    if (this.#access === undefined) return [];
    const { urls, secret } = this.#access;
    const username = `${Math.floor((now.getTime() + RELAY_CREDENTIAL_LIFE_MS) / 1000)}:${grantId}`;
    this.#tell(tx, { type: 'minted', username });
    return [{ urls: [...urls], username, credential: createHmac('sha1', secret).update(username).digest('base64') }];
  }

  /** The grant was renewed: its credential holds on. */
  extend(tx: Tx, grantId: GrantId, now: Date): void {
    this.#tell(tx, { type: 'extended', name: grantId, expiresAt: now.getTime() + RELAY_CREDENTIAL_LIFE_MS });
  }

  /** The credential ends, and what is relayed with it, once the act is committed. May be repeated. */
  revoke(tx: Pick<Tx, 'onCommit'>, grantId: GrantId, now: Date): void {
    const until = now.getTime() + RELAY_CREDENTIAL_LIFE_MS + CLOCK_MARGIN_MS;
    this.#tell(tx, { type: 'revoked', name: grantId, until });
  }

  /** All credentials of a visit that is over. */
  async revokeOfVisit(tx: Tx, encounterId: EncounterId, now: Date): Promise<void> {
    if (this.#access === undefined) return;
    const grants = await tx.db
      .selectFrom('grants')
      .select('id')
      .where('encounterId', '=', encounterId)
      // A grant's own life is shorter than its credential's.
      .where('expiresAt', '>', new Date(now.getTime() - RELAY_CREDENTIAL_LIFE_MS))
      .execute();
    for (const { id } of grants) this.revoke(tx, id, now);
  }

  #tell(tx: Pick<Tx, 'onCommit'>, event: TurnCredentialEvent): void {
    if (this.#access === undefined) return;
    tx.onCommit(() => this.#bus.publish(TURN_CREDENTIAL_SUBJECT, event));
  }
}
