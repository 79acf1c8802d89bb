import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { decodePasswordAlgorithm, encodePasswordAlgorithms } from '../wire/attributes/password-algorithms.ts';
import { decodeText, MAX_QUOTED_TEXT_BYTES, MAX_USERNAME_BYTES } from '../wire/attributes/text.ts';
import { longTermKey, PASSWORD_ALGORITHM, type PasswordAlgorithm } from '../wire/keys.ts';
import { attributeOf, type StunMessage } from '../wire/message.ts';
import { type IntegrityAlgorithm, verifyIntegrity } from '../wire/seals.ts';
import type { Client } from './client.ts';
import { type CredentialBook, passwordOf } from './credentials.ts';
import { featuresOfNonce, type NonceMint, SECURITY_FEATURE } from './nonce.ts';

/** Best first; the order in which a challenge lists them. */
const OFFERED_ALGORITHMS = [PASSWORD_ALGORITHM.sha256, PASSWORD_ALGORITHM.md5] as const;
export const OFFERED_ALGORITHMS_VALUE = encodePasswordAlgorithms(OFFERED_ALGORITHMS);

/** Who sent a request, and how its answer is to be sealed. */
export interface Identity {
  readonly username: string;
  readonly name: string;
  readonly integrity: { readonly algorithm: IntegrityAlgorithm; readonly key: Buffer };
}

/** 400 carries nothing more; 401 and 438 carry a challenge. */
export type Authentication =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly code: 400 | 401 | 438 };

export interface AuthenticatorOptions {
  readonly realm: string;
  /** The one to mint with first; further ones while a secret is being changed. */
  readonly secrets: readonly string[];
  readonly nonces: NonceMint;
  readonly credentials: CredentialBook;
}

const refuse = (code: 400 | 401 | 438): Authentication => ({ ok: false, code });
const textOf = (message: StunMessage, type: number, maxBytes: number): string | undefined => {
  const value = attributeOf(message, type);
  return value === undefined ? undefined : decodeText(value, maxBytes);
};

/** The long-term credential mechanism of RFC 8489 §9.2.4, its steps in their order. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  authenticate(message: StunMessage, client: Client, now: number): Authentication {
    // "If the message does not contain a MESSAGE-INTEGRITY … attribute": 401.
    if (message.integrity === undefined && message.integritySha256 === undefined) return refuse(401);

    // "… but is missing either the USERNAME or USERHASH, REALM, or NONCE attribute": 400.
    const realm = textOf(message, ATTRIBUTE.realm, MAX_QUOTED_TEXT_BYTES);
    const nonce = textOf(message, ATTRIBUTE.nonce, MAX_QUOTED_TEXT_BYTES);
    const userhash = attributeOf(message, ATTRIBUTE.userhash);
    const sentUsername = textOf(message, ATTRIBUTE.username, MAX_USERNAME_BYTES);
    if (realm === undefined || nonce === undefined || (userhash === undefined && sentUsername === undefined))
      return refuse(400);

    const algorithm = this.#algorithm(message, nonce);
    if (algorithm === undefined) return refuse(400);

    // "If the value of the USERNAME or USERHASH attribute is not valid": 401.
    const username =
      sentUsername ?? (userhash === undefined ? undefined : this.#options.credentials.usernameOfHash(userhash));
    if (username === undefined || realm !== this.#options.realm) return refuse(401);
    const verdict = this.#options.credentials.judge(username, now);
    if (!verdict.ok) return refuse(401);

    // "If the MESSAGE-INTEGRITY … is not valid": 401, also where the nonce is stale.
    const key = this.#key({ message, algorithm, username });
    if (key === undefined) return refuse(401);

    // "If the NONCE is no longer valid": 438.
    if (!this.#options.nonces.isFresh(nonce, client, now)) return refuse(438);
    return {
      ok: true,
      identity: {
        username,
        name: verdict.name,
        integrity: { algorithm: message.integritySha256 === undefined ? 'sha1' : 'sha256', key },
      },
    };
  }

  /** RFC 8489 §9.2.4, protection against bidding down: what the client says it was offered has to be what we offer. */
  #algorithm(message: StunMessage, nonce: string): PasswordAlgorithm | undefined {
    const offered = attributeOf(message, ATTRIBUTE.passwordAlgorithms);
    const chosenValue = attributeOf(message, ATTRIBUTE.passwordAlgorithm);
    if ((featuresOfNonce(nonce) & SECURITY_FEATURE.passwordAlgorithms) === 0) return PASSWORD_ALGORITHM.md5;
    if (offered === undefined && chosenValue === undefined) return PASSWORD_ALGORITHM.md5;
    if (offered === undefined || chosenValue === undefined || !OFFERED_ALGORITHMS_VALUE.equals(offered))
      return undefined;
    const chosen = decodePasswordAlgorithm(chosenValue);
    return OFFERED_ALGORITHMS.find((algorithm) => algorithm === chosen);
  }

  /** The key that the message is sealed with, of all secrets that hold. */
  #key(options: { message: StunMessage; algorithm: PasswordAlgorithm; username: string }): Buffer | undefined {
    const { realm, secrets } = this.#options;
    for (const secret of secrets) {
      const key = longTermKey(options.algorithm, {
        username: options.username,
        realm,
        password: passwordOf(secret, options.username),
      });
      if (verifyIntegrity(options.message, key)) return key;
    }
    return undefined;
  }
}
