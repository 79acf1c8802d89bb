import type { StunErrorCode } from '../wire/attributes/error-code.ts';
import type { TransportAddress } from '../wire/ip.ts';
import { decodeMessage, type StunMessage } from '../wire/message.ts';
import { MESSAGE_CLASS, METHOD } from '../wire/methods.ts';
import { fingerprintIsRight } from '../wire/seals.ts';
import {
  askedBy,
  bindingAnswer,
  challengeAnswer,
  errorAnswer,
  successAnswer,
  unknownAttributesAnswer,
} from './answers.ts';
import { Authenticator, type Identity } from './authentication.ts';
import type { Client } from './client.ts';
import { type CloseReason, type Command, NO_COMMANDS, type RelayId } from './commands.ts';
import { MAX_CREDENTIAL_ENTRIES, NONCE_LIFETIME_MS, type RelayConfig, UNPROVEN_REPLIES } from './config.ts';
import { newCounters, type RelayCounters } from './counters.ts';
import { CredentialBook } from './credentials.ts';
import { DataPath } from './data-path.ts';
import { NonceMint, SECURITY_FEATURE } from './nonce.ts';
import type { PeerPolicy } from './peer-policy.ts';
import { Quotas } from './quotas.ts';
import { AllocationRegistry, type PendingEnd } from './registry.ts';
import { ReplyLimiter } from './reply-limiter.ts';
import { carryOut, isAuthenticatedMethod } from './requests/carry-out.ts';
import { type Outcome, refocus } from './requests/request.ts';
import { settle } from './settle.ts';
import { notUnderstood } from './understood.ts';

/**
 * The TURN server without its sockets: bytes and instants in, commands out. It keeps no timer; call `handleTimeout` at
 * `nextTimeout()`. Nothing it is given makes it throw. Instants are ms since the epoch.
 */
export class Relay {
  readonly counters: RelayCounters = newCounters();
  readonly #config: RelayConfig;
  readonly #nonces: NonceMint;
  readonly #credentials: CredentialBook;
  readonly #authenticator: Authenticator;
  readonly #quotas: Quotas;
  readonly #registry: AllocationRegistry;
  readonly #limiter: ReplyLimiter;
  readonly #data: DataPath;
  #peers: PeerPolicy;
  #draining = false;

  constructor(config: RelayConfig, deps: { randomTransactionId: () => Buffer }) {
    this.#config = config;
    this.#peers = config.peers;
    const features =
      SECURITY_FEATURE.passwordAlgorithms | (config.usernameAnonymity ? SECURITY_FEATURE.usernameAnonymity : 0);
    this.#nonces = new NonceMint({ key: config.nonceKey, lifetimeMs: NONCE_LIFETIME_MS, features });
    this.#credentials = new CredentialBook({
      realm: config.realm,
      maxLifeMs: config.maxCredentialLifeMs,
      maxEntries: MAX_CREDENTIAL_ENTRIES,
    });
    this.#authenticator = new Authenticator({
      realm: config.realm,
      secrets: config.secrets,
      nonces: this.#nonces,
      credentials: this.#credentials,
    });
    this.#quotas = new Quotas(config.limits);
    this.#registry = new AllocationRegistry({ quotas: this.#quotas, credentials: this.#credentials });
    this.#limiter = new ReplyLimiter(UNPROVEN_REPLIES);
    this.#data = new DataPath({
      registry: this.#registry,
      counters: this.counters,
      randomTransactionId: deps.randomTransactionId,
      peers: config.peers,
    });
  }

  get allocationCount(): number {
    return this.#registry.size;
  }

  hasAllocation(client: Client): boolean {
    return this.#registry.ofClient(client) !== undefined;
  }

  /** A datagram, or a frame of a stream, of a client. */
  handle(bytes: Buffer, client: Client, now: number): readonly Command[] {
    const due = this.#due(now);
    const commands =
      ((bytes[0] ?? 0) & 0xc0) === 0x40
        ? this.#data.fromChannel(bytes, client, now)
        : this.#message(bytes, client, now);
    return due.length === 0 ? commands : [...due, ...commands];
  }

  /** A datagram that arrived at a relayed address; `from.ip` is canonical text. */
  handlePeer(relayId: RelayId, data: Buffer, arrival: { from: TransportAddress; now: number }): readonly Command[] {
    const due = this.#due(arrival.now);
    const commands = this.#data.fromPeer(relayId, data, arrival);
    return due.length === 0 ? commands : [...due, ...commands];
  }

  /** Answers `open-relay`. `address` is what clients are told. */
  relayOpened(relayId: RelayId, address: TransportAddress, now: number): readonly Command[] {
    const pending = this.#registry.pendingOfRelay(relayId);
    // The Allocate was given up meanwhile; its socket has been told to close.
    if (pending === undefined) return NO_COMMANDS;
    pending.ends = pending.ends.map(
      (end): PendingEnd =>
        end.state !== 'failed' && end.relayId === relayId
          ? { state: 'open', family: end.family, relayId, address }
          : end,
    );
    return settle(pending, this.#registry, now);
  }

  /** Answers `open-relay` where no socket could be had, or tells that an open one broke. */
  relayFailed(relayId: RelayId, now: number): readonly Command[] {
    const pending = this.#registry.pendingOfRelay(relayId);
    if (pending !== undefined) {
      pending.ends = pending.ends.map(
        (end): PendingEnd =>
          end.state !== 'failed' && end.relayId === relayId ? { state: 'failed', family: end.family, code: 508 } : end,
      );
      return settle(pending, this.#registry, now);
    }
    const allocation = this.#registry.ofRelay(relayId);
    return allocation === undefined ? NO_COMMANDS : this.#registry.close(allocation, 'relay-lost');
  }

  /** A stream has ended, and its allocation with it (RFC 8656 §3.1). */
  clientClosed(client: Client): readonly Command[] {
    const pending = this.#registry.pendingOf(client);
    if (pending !== undefined) return this.#registry.abandon(pending);
    const allocation = this.#registry.ofClient(client);
    return allocation === undefined ? NO_COMMANDS : this.#registry.close(allocation, 'client-gone');
  }

  /** When `handleTimeout` has something to do; undefined while nothing will end. It may be early, never late. */
  nextTimeout(): number | undefined {
    const endAt = this.#registry.earliestEndAt;
    return Number.isFinite(endAt) ? endAt : undefined;
  }

  handleTimeout(now: number): readonly Command[] {
    return this.#due(now);
  }

  /** Refuses every username of that name until `until` and closes its allocations. Closing is the commands' to do. */
  revoke(name: string, options: { until: number; now: number }): readonly Command[] {
    this.#credentials.revoke(name, options);
    return [
      ...this.#registry.pendingOfName(name).flatMap((pending) => this.#registry.abandon(pending)),
      ...this.#registry.ofName(name).flatMap((allocation) => this.#registry.close(allocation, 'revoked')),
    ];
  }

  /** Lets a credential hold longer than its username says, for as long as its holder's grant is renewed. */
  extend(name: string, options: { expiresAt: number; now: number }): void {
    this.#credentials.extend(name, options);
  }

  /** Makes a minted username known, so that its hash is accepted in its place. */
  announce(username: string): void {
    this.#credentials.announce(username);
  }

  /** Judges every permission and channel anew; what is no longer allowed is dropped. */
  setPeers(peers: PeerPolicy): readonly Command[] {
    this.#peers = peers;
    this.#data.setPeers(peers);
    return [...this.#registry.all()].flatMap((allocation) => {
      allocation.retain({
        ip: (ip) => peers.judgeIp(ip) === 'allowed',
        peer: (peer) => peers.judge(peer) === 'allowed',
      });
      return refocus(allocation);
    });
  }

  /** Takes no new allocation any more (508); those there are go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends every allocation, each with this reason. */
  closeAll(reason: CloseReason): readonly Command[] {
    return [...this.#registry.all()].flatMap((allocation) => this.#registry.close(allocation, reason));
  }

  #due(now: number): readonly Command[] {
    return now >= this.#registry.earliestEndAt ? this.#registry.expire(now) : NO_COMMANDS;
  }

  #message(bytes: Buffer, client: Client, now: number): readonly Command[] {
    const decoded = decodeMessage(bytes);
    if (!decoded.ok || !fingerprintIsRight(decoded.message)) {
      this.counters.malformed += 1;
      return NO_COMMANDS;
    }
    const { message } = decoded;
    if (message.class === MESSAGE_CLASS.indication && message.method === METHOD.send)
      return this.#data.fromIndication(message, client, now);
    // RFC 8489 §6.3: other indications, answers and unknown methods are dropped.
    if (message.class !== MESSAGE_CLASS.request) return NO_COMMANDS;
    if (message.method === METHOD.binding) return this.#binding(message, client, now);
    return isAuthenticatedMethod(message.method) ? this.#request(message, client, now) : NO_COMMANDS;
  }

  /** RFC 8489 §6.3.1, without authentication. */
  #binding(message: StunMessage, client: Client, now: number): readonly Command[] {
    const unknown = notUnderstood(message);
    const bytes =
      unknown.length > 0 ? unknownAttributesAnswer(askedBy(message), unknown) : bindingAnswer(askedBy(message), client);
    return this.#unproven(bytes, client, now);
  }

  #request(message: StunMessage, client: Client, now: number): readonly Command[] {
    const asked = askedBy(message);
    const authentication = this.#authenticator.authenticate(message, client, now);
    if (!authentication.ok) {
      const { code } = authentication;
      const bytes =
        code === 400
          ? errorAnswer(asked, { code })
          : challengeAnswer(asked, { code, realm: this.#config.realm, nonce: this.#nonces.mint(client, now) });
      // A first request without a credential is the normal course (RFC 8489 §9.2.3) and no refusal.
      const isFirst = message.integrity === undefined && message.integritySha256 === undefined;
      return isFirst
        ? this.#unproven(bytes, client, now)
        : [{ type: 'request-refused', client, code }, ...this.#unproven(bytes, client, now)];
    }
    const { identity } = authentication;
    const unknown = notUnderstood(message);
    if (unknown.length > 0)
      return this.#refused(client, 420, unknownAttributesAnswer(asked, unknown, identity.integrity));
    const outcome = carryOut({
      message,
      client,
      identity,
      now,
      registry: this.#registry,
      peers: this.#peers,
      quotas: this.#quotas,
      families: this.#config.families,
      draining: this.#draining,
    });
    return this.#answer(message, client, { identity, outcome });
  }

  #answer(message: StunMessage, client: Client, result: { identity: Identity; outcome: Outcome }): readonly Command[] {
    const { identity, outcome } = result;
    const asked = askedBy(message);
    switch (outcome.kind) {
      case 'success':
        if (message.method === METHOD.refresh && this.hasAllocation(client)) this.counters.refreshes += 1;
        return [
          ...outcome.commands,
          {
            type: 'send-to-client',
            client,
            chunks: [successAnswer(asked, outcome.attributes, identity.integrity)],
            kind: 'answer',
          },
        ];
      case 'error':
        return this.#refused(
          client,
          outcome.code,
          errorAnswer(asked, { code: outcome.code, integrity: identity.integrity }),
        );
      case 'repeat':
        return [{ type: 'send-to-client', client, chunks: [outcome.response], kind: 'answer' }];
      case 'later':
        return outcome.commands;
    }
  }

  #refused(client: Client, code: StunErrorCode, bytes: Buffer): readonly Command[] {
    return [
      { type: 'request-refused', client, code },
      { type: 'send-to-client', client, chunks: [bytes], kind: 'answer' },
    ];
  }

  /** An answer to somebody who has shown no credential; how often is bounded. */
  #unproven(bytes: Buffer, client: Client, now: number): readonly Command[] {
    if (!this.#limiter.mayAnswer(client, now)) {
      this.counters.unanswered += 1;
      return NO_COMMANDS;
    }
    return [{ type: 'send-to-client', client, chunks: [bytes], kind: 'answer' }];
  }
}
