import { readFile } from 'node:fs/promises';
import { OperatorError } from '@bedside/kit';
import { GRANT_ALGORITHM } from '@bedside/protocol';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { readIfThere, writeOnce } from '../secret-file.ts';

/** An Ed25519 key pair as JWK (RFC 8037 §2). */
const PrivateJwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** The public half, as it stands in the JWKS. */
  readonly publicJwk: JWK;
}

const parseKey = (text: string, file: string): z.infer<typeof PrivateJwk> => {
  try {
    return PrivateJwk.parse(JSON.parse(text));
  } catch {
    throw new OperatorError(
      `${file} does not hold an Ed25519 key. Restore it, or delete it: a new key is made and grants in use end.`,
    );
  }
};

/** Reads the key that signs grants; makes it on the first start. */
export const loadSigningKey = async (file: string): Promise<SigningKey> => {
  let text = await readIfThere(file);
  if (text === undefined) {
    const pair = await generateKeyPair(GRANT_ALGORITHM, { crv: 'Ed25519', extractable: true });
    await writeOnce(file, `${JSON.stringify(await exportJWK(pair.privateKey))}\n`);
    text = await readFile(file, 'utf8');
  }
  const jwk = parseKey(text, file);
  const kid = await calculateJwkThumbprint(jwk);
  const privateKey = await importJWK(jwk, GRANT_ALGORITHM);
  if (privateKey instanceof Uint8Array) throw new OperatorError(`${file} does not hold an Ed25519 key.`);
  return {
    kid,
    privateKey,
    publicJwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid, alg: GRANT_ALGORITHM, use: 'sig' },
  };
};
