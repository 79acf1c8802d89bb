import type { Client } from '../../src/relay/client.ts';
import type { Command, RelayId } from '../../src/relay/commands.ts';
import type { RelayConfig } from '../../src/relay/config.ts';
import { PeerPolicy, parsePeerRule } from '../../src/relay/peer-policy.ts';
import { Relay } from '../../src/relay/relay.ts';
import type { AddressFamily, TransportAddress } from '../../src/wire/ip.ts';
import type { StunMessage } from '../../src/wire/message.ts';
import { METHOD } from '../../src/wire/methods.ts';
import {
  type AttributeMaker,
  address,
  attribute,
  codeOf,
  parse,
  RequestWriter,
  type WriterOptions,
} from './turn-requests.ts';

export const SECRET = 'a secret that core and relay share';
export const START = Date.UTC(2026, 10, 22, 3);
export const SFU = address('192.0.2.10', 40_000);
export const SFU_SECOND_PORT = address('192.0.2.10', 40_001);
export const SFU_OTHER = address('192.0.2.11', 40_000);
export const SFU_IPV6 = address('2001:db8::10', 40_000);

export const policyOf = (...rules: string[]): PeerPolicy =>
  new PeerPolicy(
    rules.map((text) => {
      const rule = parsePeerRule(text);
      if ('problem' in rule) throw new Error(rule.problem);
      return rule;
    }),
  );

export const relayConfig = (overrides: Partial<RelayConfig> = {}): RelayConfig => ({
  realm: 'bedside.test',
  secrets: [SECRET],
  nonceKey: Buffer.alloc(32, 5),
  peers: policyOf('192.0.2.10:40000-40007', '192.0.2.11:40000', '[2001:db8::10]:40000'),
  families: [4, 6],
  limits: { allocations: 100, allocationsPerAddress: 50, allocationsPerCredential: 10, credentialBps: 8_000_000 },
  usernameAnonymity: false,
  maxCredentialLifeMs: 24 * 3_600_000,
  ...overrides,
});

export const client = (port = 50_000, options: { ip?: string; transport?: Client['transport'] } = {}): Client => {
  const transport = options.transport ?? 'udp';
  const at = address(options.ip ?? '198.51.100.7', port);
  return { key: `${transport} ${at.ip} ${at.port}`, transport, address: at };
};

export const usernameAt = (now: number, options: { name?: string; seconds?: number } = {}): string =>
  `${Math.floor(now / 1000) + (options.seconds ?? 7200)}:${options.name ?? 'grant-1'}`;

/** A relay whose sockets open at once and are kept in a map, with a clock that is set by hand. */
export class RelayHarness {
  readonly relay: Relay;
  now = START;
  /** Sockets that are open: id → family. */
  readonly sockets = new Map<RelayId, AddressFamily>();
  readonly focus = new Map<RelayId, TransportAddress | undefined>();
  readonly commands: Command[] = [];
  /** Whether `open-relay` is answered at once. */
  opening: 'opens' | 'fails' | 'waits' = 'opens';

  constructor(overrides: Partial<RelayConfig> = {}) {
    this.relay = new Relay(relayConfig(overrides), { randomTransactionId: () => Buffer.alloc(12, 9) });
  }

  /** Carries commands out and gives back those that followed from them too. */
  run(commands: readonly Command[]): Command[] {
    const all: Command[] = [];
    for (const command of commands) {
      all.push(command);
      if (command.type === 'open-relay' && this.opening !== 'waits')
        all.push(...this.run(this.open(command.relayId, command.family)));
      if (command.type === 'close-relay') {
        this.sockets.delete(command.relayId);
        this.focus.delete(command.relayId);
      }
      if (command.type === 'focus-relay') this.focus.set(command.relayId, command.peer);
    }
    this.commands.push(...commands);
    return all;
  }

  open(relayId: RelayId, family: AddressFamily): readonly Command[] {
    if (this.opening === 'fails') return this.relay.relayFailed(relayId, this.now);
    this.sockets.set(relayId, family);
    return this.relay.relayOpened(
      relayId,
      address(family === 4 ? '203.0.113.1' : '2001:db8:1::1', 49_152 + relayId),
      this.now,
    );
  }

  send(from: Client, bytes: Buffer): Command[] {
    return this.run(this.relay.handle(bytes, from, this.now));
  }

  /** The one answer to a request. */
  ask(from: Client, bytes: Buffer): StunMessage {
    const answers = answersIn(this.send(from, bytes));
    if (answers.length !== 1 || answers[0] === undefined) throw new Error(`${answers.length} answers`);
    return answers[0];
  }

  advance(ms: number): Command[] {
    this.now += ms;
    return this.run(this.relay.handleTimeout(this.now));
  }

  /** A writer that has its challenge. */
  writer(from: Client, options: Partial<WriterOptions> = {}): RequestWriter {
    const writer = new RequestWriter({ username: usernameAt(this.now), secret: SECRET, ...options });
    writer.learn(this.ask(from, writer.write(METHOD.allocate, [attribute.udp])));
    return writer;
  }

  /** A writer that holds an allocation. */
  allocated(
    from: Client,
    options: Partial<WriterOptions> & { attributes?: readonly AttributeMaker[] } = {},
  ): RequestWriter {
    const writer = this.writer(from, options);
    const code = codeOf(this.ask(from, writer.write(METHOD.allocate, [attribute.udp, ...(options.attributes ?? [])])));
    if (code !== 0) throw new Error(`Allocate was answered ${code}`);
    return writer;
  }

  bound(from: Client, peer: TransportAddress = SFU, channel = 0x4000): RequestWriter {
    const writer = this.allocated(from);
    const code = codeOf(
      this.ask(from, writer.write(METHOD.channelBind, [attribute.channel(channel), attribute.peer(peer)])),
    );
    if (code !== 0) throw new Error(`ChannelBind was answered ${code}`);
    return writer;
  }
}

export const answersIn = (commands: readonly Command[]): StunMessage[] =>
  commands.flatMap((command) =>
    command.type === 'send-to-client' && command.kind === 'answer' ? [parse(Buffer.concat(command.chunks))] : [],
  );

export const sentToPeer = (commands: readonly Command[]) =>
  commands.filter((command) => command.type === 'send-to-peer');
export const closed = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.type === 'allocation-closed' ? [command.reason] : []));
