/** Longest USERNAME (RFC 8489 §14.3: fewer than 509 bytes). */
export const MAX_USERNAME_BYTES = 508;
/** Longest REALM and NONCE (RFC 8489 §14.9, §14.10: fewer than 128 characters, so at most 763 bytes). */
export const MAX_QUOTED_TEXT_BYTES = 763;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined where the value is empty, too long or not UTF-8. */
export const decodeText = (value: Buffer, maxBytes: number): string | undefined => {
  if (value.length === 0 || value.length > maxBytes) return undefined;
  try {
    return decoder.decode(value);
  } catch {
    return undefined;
  }
};
