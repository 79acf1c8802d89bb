import type { StunErrorCode } from '../wire/attributes/error-code.ts';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import type { Allocation } from './allocation.ts';
import type { Identity } from './authentication.ts';
import type { Client } from './client.ts';
import type { CloseReason, Command, RelayId } from './commands.ts';
import type { CredentialBook } from './credentials.ts';
import type { Quotas, Usage } from './quotas.ts';

/** One family of an Allocate under way: its socket is being opened, is open, or cannot be had. */
export type PendingEnd =
  | { readonly state: 'opening'; readonly family: AddressFamily; readonly relayId: RelayId }
  | {
      readonly state: 'open';
      readonly family: AddressFamily;
      readonly relayId: RelayId;
      readonly address: TransportAddress;
    }
  | { readonly state: 'failed'; readonly family: AddressFamily; readonly code: StunErrorCode };

/** An Allocate that waits for its sockets. */
export interface PendingAllocation {
  readonly client: Client;
  readonly transactionId: Buffer;
  readonly identity: Identity;
  readonly usage: Usage;
  readonly lifetimeSeconds: number;
  readonly fingerprint: boolean;
  ends: readonly PendingEnd[];
}

/** Every allocation there is, and those being made; found by client, by relay socket and by credential name. */
export class AllocationRegistry {
  readonly #quotas: Quotas;
  readonly #credentials: CredentialBook;
  readonly #byClient = new Map<string, Allocation>();
  readonly #byRelay = new Map<RelayId, Allocation>();
  readonly #byName = new Map<string, Set<Allocation>>();
  readonly #pending = new Map<string, PendingAllocation>();
  #nextRelayId: RelayId = 1;
  /** No allocation ends before this instant. */
  #earliestEndAt = Number.POSITIVE_INFINITY;

  constructor(options: { quotas: Quotas; credentials: CredentialBook }) {
    this.#quotas = options.quotas;
    this.#credentials = options.credentials;
  }

  get size(): number {
    return this.#byClient.size;
  }

  get earliestEndAt(): number {
    return this.#earliestEndAt;
  }

  newRelayId(): RelayId {
    return this.#nextRelayId++;
  }

  ofClient(client: Client): Allocation | undefined {
    return this.#byClient.get(client.key);
  }

  ofRelay(relayId: RelayId): Allocation | undefined {
    return this.#byRelay.get(relayId);
  }

  all(): IterableIterator<Allocation> {
    return this.#byClient.values();
  }

  ofName(name: string): readonly Allocation[] {
    return [...(this.#byName.get(name) ?? [])];
  }

  add(allocation: Allocation): void {
    this.#byClient.set(allocation.client.key, allocation);
    for (const end of allocation.ends.values()) this.#byRelay.set(end.relayId, allocation);
    const ofName = this.#byName.get(allocation.usage.name) ?? new Set();
    this.#byName.set(allocation.usage.name, ofName.add(allocation));
    this.touch(allocation);
  }

  /** To be called whenever the allocation may end earlier than before. */
  touch(allocation: Allocation): void {
    this.#earliestEndAt = Math.min(this.#earliestEndAt, this.endOf(allocation));
  }

  endOf(allocation: Allocation): number {
    return Math.min(allocation.expiresAt, this.#credentials.expiresAt(allocation.username));
  }

  /** Forgets one relayed address of a dual allocation. */
  closeEnd(allocation: Allocation, family: AddressFamily): Command[] {
    const end = allocation.ends.get(family);
    if (end === undefined) return [];
    allocation.ends.delete(family);
    this.#byRelay.delete(end.relayId);
    return [{ type: 'close-relay', relayId: end.relayId }];
  }

  close(allocation: Allocation, reason: CloseReason): Command[] {
    const commands: Command[] = [...allocation.ends.keys()].flatMap((family) => this.closeEnd(allocation, family));
    this.#byClient.delete(allocation.client.key);
    const ofName = this.#byName.get(allocation.usage.name);
    ofName?.delete(allocation);
    if (ofName?.size === 0) this.#byName.delete(allocation.usage.name);
    this.#quotas.release(allocation.usage);
    commands.push({ type: 'allocation-closed', client: allocation.client, reason });
    return commands;
  }

  /** Closes what has ended and finds out when the next one ends. */
  expire(now: number): Command[] {
    const commands: Command[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const allocation of [...this.#byClient.values()]) {
      const endsAt = this.endOf(allocation);
      if (endsAt > now) earliest = Math.min(earliest, endsAt);
      else commands.push(...this.close(allocation, allocation.expiresAt <= now ? 'expired' : 'credential-expired'));
    }
    this.#earliestEndAt = earliest;
    return commands;
  }

  pendingOf(client: Client): PendingAllocation | undefined {
    return this.#pending.get(client.key);
  }

  pendingOfRelay(relayId: RelayId): PendingAllocation | undefined {
    for (const pending of this.#pending.values())
      if (pending.ends.some((end) => end.state !== 'failed' && end.relayId === relayId)) return pending;
    return undefined;
  }

  pendingOfName(name: string): readonly PendingAllocation[] {
    return [...this.#pending.values()].filter((pending) => pending.identity.name === name);
  }

  addPending(pending: PendingAllocation): void {
    this.#pending.set(pending.client.key, pending);
  }

  /** The Allocate has become an allocation: its usage lives on in that. */
  settle(pending: PendingAllocation): void {
    this.#pending.delete(pending.client.key);
  }

  abandon(pending: PendingAllocation): Command[] {
    this.#pending.delete(pending.client.key);
    this.#quotas.release(pending.usage);
    return pending.ends.flatMap((end): Command[] =>
      end.state === 'failed' ? [] : [{ type: 'close-relay', relayId: end.relayId }],
    );
  }
}
