import { createPublicKey, hash, type KeyObject } from 'node:crypto';

/** The public half of an Ed25519 key, and the name that heads call it by. */
export interface PublicKey {
  /** RFC 7638 thumbprint. */
  readonly keyId: string;
  /** RFC 8037 §2, base64url. */
  readonly x: string;
  readonly key: KeyObject;
}

export const publicKeyOf = (x: string): PublicKey => ({
  keyId: hash('sha256', `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`, 'base64url'),
  x,
  key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
});

/** Reads a public key as JWK (JSON) or PEM. Throws where it is not one of Ed25519. */
export const parsePublicKey = (text: string): PublicKey => {
  const key = text.trimStart().startsWith('{')
    ? createPublicKey({ key: JSON.parse(text), format: 'jwk' })
    : createPublicKey(text);
  const { crv, x } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) throw new Error('it is not an Ed25519 key');
  return publicKeyOf(x);
};
