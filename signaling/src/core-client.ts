import { type Bus, call } from '@bedside/kit';
import {
  busErrors,
  type ChatMessage,
  type EncounterId,
  type GrantId,
  type PersonId,
  type Presence,
  VISIT_METHODS,
} from '@bedside/protocol';

/** In whose name core is asked. */
export interface Holder {
  readonly grantId: GrantId;
  readonly encounterId: EncounterId;
  readonly personId: PersonId;
}

const only = ({ grantId, encounterId, personId }: Holder): Holder => ({ grantId, encounterId, personId });

/** Core's part of a visit, over the bus. Each throws core's code, or `unavailable` when core does not answer in time. */
export class CoreClient {
  readonly #bus: Bus;
  readonly #timeoutMs: number;

  constructor(options: { bus: Bus; timeoutMs: number }) {
    this.#bus = options.bus;
    this.#timeoutMs = options.timeoutMs;
  }

  get #options() {
    return { errors: busErrors, timeoutMs: this.#timeoutMs };
  }

  redeemGrant(holder: Holder): Promise<{ admitted: boolean; messages: ChatMessage[] }> {
    return call(this.#bus, VISIT_METHODS.redeemGrant, only(holder), this.#options);
  }

  /** When the grant now expires, in ms since the epoch. */
  async renewGrant(holder: Holder): Promise<number> {
    return Date.parse((await call(this.#bus, VISIT_METHODS.renewGrant, only(holder), this.#options)).expiresAt);
  }

  async setPresence(holder: Holder, presence: Presence, connected: boolean): Promise<void> {
    await call(this.#bus, VISIT_METHODS.setPresence, { ...only(holder), presence, connected }, this.#options);
  }

  async leave(holder: Holder): Promise<void> {
    await call(this.#bus, VISIT_METHODS.leave, only(holder), this.#options);
  }

  async admit(holder: Holder, patientId: PersonId): Promise<void> {
    await call(this.#bus, VISIT_METHODS.admit, { ...only(holder), patientId }, this.#options);
  }

  async sendBack(holder: Holder, patientId: PersonId): Promise<void> {
    await call(this.#bus, VISIT_METHODS.sendBack, { ...only(holder), patientId }, this.#options);
  }

  async end(holder: Holder): Promise<void> {
    await call(this.#bus, VISIT_METHODS.end, only(holder), this.#options);
  }

  async recordMute(holder: Holder, mutedId: PersonId): Promise<void> {
    await call(this.#bus, VISIT_METHODS.recordMute, { ...only(holder), mutedId }, this.#options);
  }

  async sendMessage(holder: Holder, message: { clientMessageId: string; text: string }): Promise<ChatMessage> {
    return (await call(this.#bus, VISIT_METHODS.sendMessage, { ...only(holder), ...message }, this.#options)).message;
  }

  async listMessages(holder: Holder, timeoutMs = this.#timeoutMs): Promise<ChatMessage[]> {
    const options = { ...this.#options, timeoutMs };
    return (await call(this.#bus, VISIT_METHODS.listMessages, only(holder), options)).messages;
  }
}
