import { randomUUID } from 'node:crypto';
import { type Bus, serve } from '@bedside/kit';
import {
  AppError,
  busErrors,
  type ChatMessage,
  type EncounterId,
  type ErrorCode,
  type GrantId,
  MessageId,
  type PersonId,
  VISIT_METHODS,
  type VisitEvent,
  visitEventSubject,
} from '@bedside/protocol';
import { Journal } from './journal.ts';

type Method = keyof typeof VISIT_METHODS;
interface Call {
  readonly method: Method;
  readonly params: Readonly<Record<string, unknown>> & {
    readonly personId: PersonId;
    readonly encounterId: EncounterId;
  };
}

/** Core as signaling meets it on the bus: decides, remembers, publishes. What it is to refuse is scripted. */
export class FakeCore {
  readonly #bus: Bus;
  readonly calls = new Journal<Call>();
  readonly #redeemed = new Set<GrantId>();
  readonly #admitted = new Map<EncounterId, Set<PersonId>>();
  readonly #messages = new Map<EncounterId, ChatMessage[]>();
  readonly #refusals = new Map<Method, ErrorCode>();
  readonly #gates = new Map<Method, Promise<void>>();
  /** Life of a renewed grant. */
  renewedLifeMs = 300_000;

  constructor(bus: Bus) {
    this.#bus = bus;
    const errors = { errors: busErrors };
    serve(
      bus,
      VISIT_METHODS.redeemGrant,
      async (holder) => {
        await this.#take('redeemGrant', holder);
        if (this.#redeemed.has(holder.grantId)) throw new AppError('grant_replayed');
        this.#redeemed.add(holder.grantId);
        const admitted = this.#admittedIn(holder.encounterId).has(holder.personId);
        return { admitted, messages: this.messages(holder.encounterId).slice(-200) };
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.renewGrant,
      async (holder) => {
        await this.#take('renewGrant', holder);
        return { expiresAt: new Date(Date.now() + this.renewedLifeMs).toISOString() };
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.setPresence,
      async (params) => {
        await this.#take('setPresence', params);
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.listMessages,
      async (holder) => {
        await this.#take('listMessages', holder);
        return { messages: this.messages(holder.encounterId).slice(-200) };
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.admit,
      async (params) => {
        await this.#take('admit', params);
        this.admit(params.encounterId, params.patientId);
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.sendBack,
      async (params) => {
        await this.#take('sendBack', params);
        this.#admittedIn(params.encounterId).delete(params.patientId);
        this.publish({ type: 'sentBack', encounterId: params.encounterId, personId: params.patientId });
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.end,
      async (params) => {
        await this.#take('end', params);
        this.end(params.encounterId);
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.leave,
      async (params) => {
        await this.#take('leave', params);
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.recordMute,
      async (params) => {
        await this.#take('recordMute', params);
        return {};
      },
      errors,
    );
    serve(
      bus,
      VISIT_METHODS.sendMessage,
      async (params) => {
        await this.#take('sendMessage', params);
        const { encounterId, personId, clientMessageId, text } = params;
        const known = this.messages(encounterId).find((message) => message.clientMessageId === clientMessageId);
        if (known !== undefined) return { message: known };
        const message = this.store(encounterId, personId, text, clientMessageId);
        this.publish({ type: 'message', encounterId, message });
        return { message };
      },
      errors,
    );
  }

  /** From here on the method answers with this code; `undefined` answers again. */
  refuse(method: Method, code: ErrorCode | undefined): void {
    if (code === undefined) this.#refusals.delete(method);
    else this.#refusals.set(method, code);
  }

  /** From here on the method answers only after `open` was called. */
  hold(method: Method): { open: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.set(method, promise);
    return {
      open: () => {
        this.#gates.delete(method);
        resolve();
      },
    };
  }

  admit(encounterId: EncounterId, personId: PersonId): void {
    this.#admittedIn(encounterId).add(personId);
    this.publish({ type: 'admitted', encounterId, personId });
  }

  /** Admitted in an earlier session: nothing is published. */
  admittedBefore(encounterId: EncounterId, personId: PersonId): void {
    this.#admittedIn(encounterId).add(personId);
  }

  end(encounterId: EncounterId): void {
    this.publish({ type: 'ended', encounterId, reason: 'ended-by-host', at: new Date().toISOString() });
  }

  messages(encounterId: EncounterId): ChatMessage[] {
    const messages = this.#messages.get(encounterId) ?? [];
    this.#messages.set(encounterId, messages);
    return messages;
  }

  store(
    encounterId: EncounterId,
    senderId: PersonId,
    text: string,
    clientMessageId: string = randomUUID(),
  ): ChatMessage {
    const messages = this.messages(encounterId);
    const message: ChatMessage = {
      id: MessageId.parse(randomUUID()),
      encounterId,
      seq: messages.length + 1,
      senderId,
      clientMessageId,
      text,
      sentAt: new Date().toISOString(),
    };
    messages.push(message);
    return message;
  }

  publish(event: VisitEvent): void {
    this.#bus.publish(visitEventSubject(event.encounterId), event);
  }

  #admittedIn(encounterId: EncounterId): Set<PersonId> {
    const admitted = this.#admitted.get(encounterId) ?? new Set();
    this.#admitted.set(encounterId, admitted);
    return admitted;
  }

  async #take(method: Method, params: Call['params']): Promise<void> {
    this.calls.add({ method, params });
    await this.#gates.get(method);
    const code = this.#refusals.get(method);
    if (code !== undefined) throw new AppError(code);
  }
}
