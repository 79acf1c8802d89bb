import { ATTRIBUTE } from '../../wire/attribute-types.ts';
import { decodeAddressFamily, decodeUInt32, encodeUInt32 } from '../../wire/attributes/numbers.ts';
import type { AddressFamily } from '../../wire/ip.ts';
import { attributeOf } from '../../wire/message.ts';
import type { Allocation } from '../allocation.ts';
import { grantedLifetimeSeconds } from './allocate.ts';
import { allocationOf, error, type Outcome, type Request, success } from './request.ts';

/** RFC 8656 §8.2: 443 where the family named is not one of the allocation's. */
const familyOf = (
  request: Request,
  allocation: Allocation,
): AddressFamily | undefined | { readonly refused: 400 | 443 } => {
  const value = attributeOf(request.message, ATTRIBUTE.requestedAddressFamily);
  if (value === undefined) return undefined;
  const family = decodeAddressFamily(value);
  if (family === undefined) return { refused: 400 };
  return family !== 'unsupported' && allocation.ends.has(family) ? family : { refused: 443 };
};

const lifetime = (seconds: number) => [{ type: ATTRIBUTE.lifetime, value: encodeUInt32(seconds) }];

/** RFC 8656 §8.2: a new lifetime, or the end of the allocation (of one family of it) where it is zero. */
export const refresh = (request: Request): Outcome => {
  const allocation = allocationOf(request);
  if ('refused' in allocation) return error(allocation.refused);
  const family = familyOf(request, allocation);
  if (typeof family === 'object') return error(family.refused);

  const asked = attributeOf(request.message, ATTRIBUTE.lifetime);
  if (asked !== undefined && decodeUInt32(asked) === 0) {
    const isWhole = family === undefined || allocation.ends.size === 1;
    return success(
      lifetime(0),
      isWhole ? request.registry.close(allocation, 'released') : request.registry.closeEnd(allocation, family),
    );
  }
  const seconds = grantedLifetimeSeconds(request.message);
  if (seconds === undefined) return error(400);
  allocation.expiresAt = request.now + seconds * 1000;
  request.registry.touch(allocation);
  return success(lifetime(seconds));
};
