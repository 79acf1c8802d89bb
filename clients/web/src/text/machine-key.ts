import { ServicePublicKey } from '@bedside/protocol';

/** The key, or one sentence on what is wrong with the text. */
export type ReadKey =
  | { readonly key: ServicePublicKey; readonly problem?: undefined }
  | { readonly problem: string; readonly key?: undefined };

const NO_KEY = 'This is no public key of that kind. Paste it as JSON, from { to }.';

/** Reads a public key as JWK (RFC 7517), as tools print it: with an id and a use beside it. */
export const readMachineKey = (text: string): ReadKey => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { problem: NO_KEY };
  }
  if (typeof given !== 'object' || given === null) return { problem: NO_KEY };
  const { d, kty, crv, x, y } = given as Record<string, unknown>;
  if (d !== undefined)
    return { problem: 'This is the private key. Keep it on the machine alone, and paste the public one.' };
  const key = ServicePublicKey.safeParse({ kty, crv, x, ...(y !== undefined && { y }) });
  return key.success ? { key: key.data } : { problem: NO_KEY };
};
