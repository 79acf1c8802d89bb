/** Error codes that the relay answers with, and their reason phrases (RFC 8489 §14.8, RFC 8656 §19). */
export const ERROR_REASON = {
  400: 'Bad Request',
  401: 'Unauthenticated',
  403: 'Forbidden',
  420: 'Unknown Attribute',
  437: 'Allocation Mismatch',
  438: 'Stale Nonce',
  440: 'Address Family not Supported',
  441: 'Wrong Credentials',
  442: 'Unsupported Transport Protocol',
  443: 'Peer Address Family Mismatch',
  486: 'Allocation Quota Reached',
  500: 'Server Error',
  508: 'Insufficient Capacity',
} as const;
export type StunErrorCode = keyof typeof ERROR_REASON;

/** ERROR-CODE (RFC 8489 §14.8): the hundreds stand in one byte, the rest in the next. */
export const encodeErrorCode = (code: StunErrorCode): Buffer => {
  const reason = Buffer.from(ERROR_REASON[code]);
  return Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), reason]);
};

/** Undefined where the value is too short or its class is not 3 to 6. */
export const decodeErrorCode = (value: Buffer): { code: number; reason: string } | undefined => {
  if (value.length < 4) return undefined;
  const hundreds = value.readUInt8(2) & 0x07;
  const rest = value.readUInt8(3);
  if (hundreds < 3 || hundreds > 6 || rest > 99) return undefined;
  return { code: hundreds * 100 + rest, reason: value.subarray(4).toString('utf8') };
};

/** ADDRESS-ERROR-CODE (RFC 8656 §18.12): an error that concerns one family of a dual allocation. */
export const encodeAddressErrorCode = (family: 4 | 6, code: StunErrorCode): Buffer => {
  const value = encodeErrorCode(code);
  value.writeUInt8(family === 4 ? 0x01 : 0x02, 0);
  return value;
};
