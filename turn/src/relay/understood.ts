import { ATTRIBUTE, isComprehensionRequired } from '../wire/attribute-types.ts';
import type { StunMessage } from '../wire/message.ts';

/** Comprehension-required attributes that are understood, if only to be refused. DONT-FRAGMENT is not among them. */
const UNDERSTOOD: ReadonlySet<number> = new Set(
  Object.values(ATTRIBUTE).filter((type) => isComprehensionRequired(type) && type !== ATTRIBUTE.dontFragment),
);

/** Types that make a request 420 and an indication void (RFC 8489 §6.3.1, §6.3.2), each once. */
export const notUnderstood = (message: StunMessage): readonly number[] => [
  ...new Set(
    message.attributes.map(({ type }) => type).filter((type) => isComprehensionRequired(type) && !UNDERSTOOD.has(type)),
  ),
];
