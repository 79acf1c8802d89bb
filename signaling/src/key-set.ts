import type { InternalTls } from '@bedside/kit';
import { AppError, GRANT_ALGORITHM } from '@bedside/protocol';
import { type CryptoKey, createRemoteJWKSet, customFetch, errors } from 'jose';

export interface KeySet {
  /** Throws `grant_unknown_key`, or `unavailable` when the set cannot be fetched. */
  find(kid: string | undefined): Promise<CryptoKey>;
  /** Fetches ahead of need, so that the first grant does not wait for it. */
  warm(): void;
}

/** A stranger can make up key ids; one fetch for them in this time is enough for a key that core has just added. */
const UNKNOWN_KEY_COOLDOWN_MS = 5_000;
const MAX_AGE_MS = 10 * 60_000;

/** Core's keys by JWKS (RFC 7517 §5), fetched when needed, kept ten minutes. */
export const remoteKeySet = (options: {
  url: string;
  timeoutMs: number;
  /** For keys on another machine. */
  tls: Pick<InternalTls, 'fetch'> | undefined;
}): KeySet => {
  const { tls } = options;
  const keys = createRemoteJWKSet(new URL(options.url), {
    timeoutDuration: options.timeoutMs,
    cooldownDuration: UNKNOWN_KEY_COOLDOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
    ...(tls === undefined ? {} : { [customFetch]: tls.fetch }),
  });
  return {
    async find(kid) {
      if (kid === undefined) throw new AppError('grant_unknown_key');
      try {
        return await keys({ alg: GRANT_ALGORITHM, kid });
      } catch (error) {
        const unknown = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
        throw new AppError(unknown ? 'grant_unknown_key' : 'unavailable', { cause: error });
      }
    },
    warm() {
      // What goes wrong here goes wrong again, and is told, when a key is looked for.
      if (!keys.fresh && !keys.reloading) keys.reload().catch(() => undefined);
    },
  };
};
