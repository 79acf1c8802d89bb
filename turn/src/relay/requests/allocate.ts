import { ATTRIBUTE } from '../../wire/attribute-types.ts';
import type { StunErrorCode } from '../../wire/attributes/error-code.ts';
import {
  decodeAddressFamily,
  decodeRequestedTransport,
  decodeUInt32,
  UDP_PROTOCOL,
} from '../../wire/attributes/numbers.ts';
import type { AddressFamily } from '../../wire/ip.ts';
import { attributeOf, type StunMessage } from '../../wire/message.ts';
import type { Command } from '../commands.ts';
import { DEFAULT_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS } from '../config.ts';
import type { Quotas } from '../quotas.ts';
import type { PendingEnd } from '../registry.ts';
import { error, type Outcome, type Request } from './request.ts';

export interface AllocateRequest extends Request {
  readonly quotas: Quotas;
  readonly families: readonly AddressFamily[];
  readonly draining: boolean;
}

/** RFC 8656 §7.2, last paragraphs: the lifetime asked for, within the server's bounds. Undefined: cannot be read. */
export const grantedLifetimeSeconds = (message: StunMessage): number | undefined => {
  const value = attributeOf(message, ATTRIBUTE.lifetime);
  if (value === undefined) return DEFAULT_LIFETIME_SECONDS;
  const asked = decodeUInt32(value);
  return asked === undefined ? undefined : Math.max(DEFAULT_LIFETIME_SECONDS, Math.min(MAX_LIFETIME_SECONDS, asked));
};

/** RFC 8656 §7.2 steps 6 to 8: the families asked for, IPv4 where none is named. */
const requestedFamilies = (message: StunMessage): readonly AddressFamily[] | { readonly refused: StunErrorCode } => {
  const requested = attributeOf(message, ATTRIBUTE.requestedAddressFamily);
  const additional = attributeOf(message, ATTRIBUTE.additionalAddressFamily);
  if (requested !== undefined && additional !== undefined) return { refused: 400 };
  if (requested !== undefined) {
    const family = decodeAddressFamily(requested);
    if (family === undefined) return { refused: 400 };
    return family === 'unsupported' ? { refused: 440 } : [family];
  }
  if (additional === undefined) return [4];
  // "… ADDITIONAL-ADDRESS-FAMILY … the server MUST only accept the value 0x02 (IPv6)": 400.
  return decodeAddressFamily(additional) === 6 ? [4, 6] : { refused: 400 };
};

/**
 * RFC 8656 §7.2 steps 5, 8 and 9. Nothing is ever reserved: a browser sends RTP and RTCP on one port, so no token is
 * valid and no pair of ports can be had (508). An even port by itself can.
 */
const demandedPort = (message: StunMessage): 'any' | 'even' | { readonly refused: 400 | 508 } => {
  const evenPort = attributeOf(message, ATTRIBUTE.evenPort);
  const token = attributeOf(message, ATTRIBUTE.reservationToken);
  const additional = attributeOf(message, ATTRIBUTE.additionalAddressFamily);
  const familyNamed = attributeOf(message, ATTRIBUTE.requestedAddressFamily) ?? additional;
  if (token !== undefined) return { refused: evenPort !== undefined || familyNamed !== undefined ? 400 : 508 };
  if (evenPort === undefined) return 'any';
  if (evenPort.length !== 1) return { refused: 400 };
  const reservesNext = (evenPort.readUInt8(0) & 0x80) !== 0;
  if (!reservesNext) return 'even';
  return { refused: additional === undefined ? 508 : 400 };
};

/** RFC 8656 §7.2 on receiving an Allocate request, the steps in their order after authentication (step 1). */
export const allocate = (request: AllocateRequest): Outcome => {
  const { message, client, identity, registry, now } = request;

  // Step 2: the 5-tuple has an allocation already. A repetition of the request that made it is answered the same.
  const transactionId = message.transactionId.toString('hex');
  const pending = registry.pendingOf(client);
  if (pending !== undefined)
    return pending.transactionId.equals(message.transactionId) ? { kind: 'later', commands: [] } : error(437);
  const existing = registry.ofClient(client);
  if (existing !== undefined)
    return existing.transactionId === transactionId ? { kind: 'repeat', response: existing.response } : error(437);

  // Step 3: REQUESTED-TRANSPORT is needed and can only be UDP; TCP would be RFC 6062.
  const transport = attributeOf(message, ATTRIBUTE.requestedTransport);
  const protocol = transport === undefined ? undefined : decodeRequestedTransport(transport);
  if (protocol === undefined) return error(400);
  if (protocol !== UDP_PROTOCOL) return error(442);

  // Step 4, DONT-FRAGMENT: the platform cannot set the bit, so the attribute counts as unknown and was answered 420.

  const portDemand = demandedPort(message);
  if (portDemand !== 'any' && portDemand !== 'even') return error(portDemand.refused);

  const families = requestedFamilies(message);
  if ('refused' in families) return error(families.refused);
  const lifetimeSeconds = grantedLifetimeSeconds(message);
  if (lifetimeSeconds === undefined) return error(400);
  if (!families.some((family) => request.families.includes(family))) return error(440);

  // Steps 10 and 11: quotas.
  if (request.draining) return error(508);
  const quota = request.quotas.take({ name: identity.name, address: client.address.ip }, now);
  if (!quota.ok) return error(quota.code);

  const ends = families.map(
    (family): PendingEnd =>
      request.families.includes(family)
        ? { state: 'opening', family, relayId: registry.newRelayId() }
        : { state: 'failed', family, code: 440 },
  );
  registry.addPending({
    client,
    // The request's bytes are the socket's to overwrite; the answer comes later.
    transactionId: Buffer.from(message.transactionId),
    identity,
    usage: quota.usage,
    lifetimeSeconds,
    fingerprint: message.fingerprint !== undefined,
    ends,
  });
  const commands = ends.flatMap((end): Command[] =>
    end.state === 'opening'
      ? [{ type: 'open-relay', relayId: end.relayId, family: end.family, evenPort: portDemand === 'even' }]
      : [],
  );
  return { kind: 'later', commands };
};
