import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { encodeXorAddress } from '../wire/attributes/xor-address.ts';
import { channelDataChunks, decodeChannelData } from '../wire/channel-data.ts';
import { encodeMessage } from '../wire/encode.ts';
import type { TransportAddress } from '../wire/ip.ts';
import { attributeOf, type StunMessage } from '../wire/message.ts';
import { MESSAGE_CLASS, METHOD } from '../wire/methods.ts';
import type { Allocation } from './allocation.ts';
import type { Client } from './client.ts';
import { type Command, NO_COMMANDS, type RelayId } from './commands.ts';
import type { RelayCounters } from './counters.ts';
import type { PeerPolicy } from './peer-policy.ts';
import type { AllocationRegistry } from './registry.ts';
import { peerAddressesOf } from './requests/request.ts';
import { notUnderstood } from './understood.ts';

export interface DataPathOptions {
  readonly registry: AllocationRegistry;
  readonly counters: RelayCounters;
  /** 12 random bytes, for the transaction ids of indications. */
  readonly randomTransactionId: () => Buffer;
  peers: PeerPolicy;
}

/** Application data in both directions. What may not pass is dropped without a word, and counted. */
export class DataPath {
  readonly #options: DataPathOptions;

  constructor(options: DataPathOptions) {
    this.#options = options;
  }

  /** For a policy that changed. */
  setPeers(peers: PeerPolicy): void {
    this.#options.peers = peers;
  }

  /** RFC 8656 §12.6: ChannelData of a client. */
  fromChannel(frame: Buffer, client: Client, now: number): readonly Command[] {
    const { registry, counters } = this.#options;
    const message = decodeChannelData(frame);
    const allocation = message === undefined ? undefined : registry.ofClient(client);
    const channel = message === undefined ? undefined : allocation?.channelByNumber(message.channel, now);
    if (message === undefined || allocation === undefined || channel === undefined) {
      counters.unbound += 1;
      return NO_COMMANDS;
    }
    return this.#toPeer(allocation, channel.peer, message.data, now);
  }

  /** RFC 8656 §11.2: a Send indication. */
  fromIndication(message: StunMessage, client: Client, now: number): readonly Command[] {
    const { registry, counters } = this.#options;
    const data = attributeOf(message, ATTRIBUTE.data);
    const peer = peerAddressesOf(message)?.[0];
    if (data === undefined || peer === undefined || notUnderstood(message).length > 0) {
      counters.malformed += 1;
      return NO_COMMANDS;
    }
    const allocation = registry.ofClient(client);
    if (allocation === undefined || !allocation.hasPermission(peer.ip, now)) {
      counters.unbound += 1;
      return NO_COMMANDS;
    }
    return this.#toPeer(allocation, peer, data, now);
  }

  #toPeer(allocation: Allocation, peer: TransportAddress, data: Buffer, now: number): readonly Command[] {
    const { counters, peers } = this.#options;
    const end = allocation.ends.get(peer.family);
    if (end === undefined || peers.judge(peer) === 'forbidden') {
      counters.forbidden += 1;
      return NO_COMMANDS;
    }
    if (!allocation.usage.shared.up.take(data.length, now)) {
      counters.overRate += 1;
      return NO_COMMANDS;
    }
    counters.packetsUp += 1;
    counters.bytesUp += data.length;
    const send: Command = { type: 'send-to-peer', relayId: end.relayId, peer, data };
    if (end.focus === undefined || (end.focus.ip === peer.ip && end.focus.port === peer.port)) return [send];
    // A socket that listens to one peer cannot send to another.
    end.focus = undefined;
    end.wandering = true;
    return [{ type: 'focus-relay', relayId: end.relayId, peer: undefined }, send];
  }

  /** RFC 8656 §11.3: a datagram that arrived at a relayed address. `from.ip` has to be canonical text. */
  fromPeer(relayId: RelayId, data: Buffer, arrival: { from: TransportAddress; now: number }): readonly Command[] {
    const { registry, counters, peers } = this.#options;
    const { from, now } = arrival;
    const allocation = registry.ofRelay(relayId);
    if (allocation === undefined || !allocation.hasPermission(from.ip, now)) {
      counters.unbound += 1;
      return NO_COMMANDS;
    }
    if (peers.judge(from) === 'forbidden') {
      counters.forbidden += 1;
      return NO_COMMANDS;
    }
    if (!allocation.usage.shared.down.take(data.length, now)) {
      counters.overRate += 1;
      return NO_COMMANDS;
    }
    counters.packetsDown += 1;
    counters.bytesDown += data.length;
    const channel = allocation.channelByPeer(from, now);
    const chunks =
      channel === undefined
        ? [this.#dataIndication(from, data)]
        : channelDataChunks(channel.number, data, allocation.client.transport !== 'udp');
    return [{ type: 'send-to-client', client: allocation.client, chunks, kind: 'data' }];
  }

  #dataIndication(from: TransportAddress, data: Buffer): Buffer {
    const transactionId = this.#options.randomTransactionId();
    return encodeMessage({
      class: MESSAGE_CLASS.indication,
      method: METHOD.data,
      transactionId,
      attributes: [
        { type: ATTRIBUTE.xorPeerAddress, value: encodeXorAddress(from, transactionId) },
        { type: ATTRIBUTE.data, value: data },
      ],
    });
  }
}
