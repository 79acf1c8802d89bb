import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { encodeRequestedTransport, encodeUInt32, UDP_PROTOCOL } from '../wire/attributes/numbers.ts';
import { decodeXorAddress, encodeXorAddress } from '../wire/attributes/xor-address.ts';
import { addressText, type TransportAddress } from '../wire/ip.ts';
import { attributeOf, type StunMessage } from '../wire/message.ts';
import { METHOD } from '../wire/methods.ts';
import { adviceFor, type CheckStep } from './advice.ts';
import { Probe, type ProbeCredential } from './probe.ts';
import { openTcp, openUdpWire, type ProbeWire, secure, streamWire } from './probe-wire.ts';
import type { TurnTarget } from './turn-uri.ts';

export interface CheckOptions {
  readonly target: TurnTarget;
  /** Without one the check ends with the server's challenge, which already proves the path. */
  readonly credential: ProbeCredential | undefined;
  /** An address that the server should relay to, such as the SFU's. */
  readonly peer: TransportAddress | undefined;
  /** PEM of an authority beside the system's. */
  readonly ca: string | undefined;
}

/** One line of the report. `advice` is there where the step failed. */
export interface CheckResult {
  readonly step: CheckStep;
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
  readonly advice?: string;
}

const STEP_MS = 8_000;

class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

const relayedAddress = (message: StunMessage): string => {
  const value = attributeOf(message, ATTRIBUTE.xorRelayedAddress);
  const address = value === undefined ? undefined : decodeXorAddress(value, message.transactionId);
  return address === undefined ? 'without a relayed address' : addressText(address);
};

/**
 * Goes the way of a browser to a TURN server, step by step, and stops at the first that fails. Yields a line for each
 * step as it ends; never throws. Works against any server of RFC 5766 or RFC 8656.
 */
export async function* checkTurn(
  options: CheckOptions,
  deps: { now: () => number; randomBytes: (count: number) => Buffer },
): AsyncGenerator<CheckResult> {
  const { target, credential, peer } = options;
  let startedAt = deps.now();
  let step: CheckStep = 'name';
  const begin = (next: CheckStep): AbortSignal => {
    step = next;
    startedAt = deps.now();
    return AbortSignal.timeout(STEP_MS);
  };
  const passed = (detail: string): CheckResult => ({ step, ok: true, detail, durationMs: deps.now() - startedAt });
  let wire: ProbeWire | undefined;
  try {
    const host = isIP(target.host) === 0 ? (await lookup(target.host)).address : target.host;
    yield passed(host);
    const at = { ...target, host };

    if (target.transport === 'udp') {
      wire = await openUdpWire(at, begin('connect'));
      yield passed(`UDP to port ${target.port}; whether it arrives shows with the first answer`);
    } else {
      const socket = await openTcp(at, begin('connect'));
      yield passed(`TCP to port ${target.port}`);
      if (target.transport === 'tls') {
        const tls = await secure(socket, { servername: target.host, ca: options.ca, signal: begin('tls') });
        yield passed(
          `${tls.getProtocol()}, certificate for ${tls.getPeerCertificate().subject?.CN ?? 'nobody'} until ${tls.getPeerCertificate().valid_to}`,
        );
        wire = streamWire(tls);
      } else wire = streamWire(socket);
    }

    const probe = new Probe({ wire, credential, randomBytes: deps.randomBytes });
    const refuse = (answer: { code: number; reason: string }): void => {
      if (answer.code !== 0) throw new StepFailed(`${answer.code} ${answer.reason}`);
    };
    begin('allocate');
    const allocated = await probe.request(METHOD.allocate, () => [
      { type: ATTRIBUTE.requestedTransport, value: encodeRequestedTransport(UDP_PROTOCOL) },
    ]);
    if (credential === undefined && allocated.code === 401) {
      yield passed(
        'a TURN server asks who we are: the path works. Give a username and a password to check relaying too',
      );
      return;
    }
    refuse(allocated);
    yield passed(`relayed address ${relayedAddress(allocated.message)}, realm ${probe.realm ?? 'none'}`);

    if (peer !== undefined) {
      begin('permission');
      refuse(
        await probe.request(METHOD.createPermission, (id) => [
          { type: ATTRIBUTE.xorPeerAddress, value: encodeXorAddress(peer, id) },
        ]),
      );
      yield passed(`the server relays to ${peer.ip}`);
    }
    begin('release');
    refuse(await probe.request(METHOD.refresh, () => [{ type: ATTRIBUTE.lifetime, value: encodeUInt32(0) }]));
    yield passed('the allocation was given back');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    yield { step, ok: false, detail, durationMs: deps.now() - startedAt, advice: adviceFor(step, error, target) };
  } finally {
    wire?.close();
  }
}
