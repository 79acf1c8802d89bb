import type { PasswordAlgorithm } from '../keys.ts';

/** PASSWORD-ALGORITHM (RFC 8489 §14.12): neither of the algorithms there are has parameters. */
export const encodePasswordAlgorithm = (algorithm: PasswordAlgorithm): Buffer => {
  const value = Buffer.alloc(4);
  value.writeUInt16BE(algorithm);
  return value;
};

/** The algorithm's number, whether it is known or not; undefined where the value is cut off. */
export const decodePasswordAlgorithm = (value: Buffer): number | undefined => {
  if (value.length < 4) return undefined;
  const parameterBytes = (value.readUInt16BE(2) + 3) & ~3;
  return value.length === 4 + parameterBytes ? value.readUInt16BE(0) : undefined;
};

/** PASSWORD-ALGORITHMS (RFC 8489 §14.11), best first. */
export const encodePasswordAlgorithms = (algorithms: readonly PasswordAlgorithm[]): Buffer =>
  Buffer.concat(algorithms.map(encodePasswordAlgorithm));
