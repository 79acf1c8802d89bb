import { AwsClient } from 'aws4fetch';
import { z } from 'zod';
import type { AwsKmsConfig } from '../../config.ts';
import { SealBroken } from '../envelope.ts';
import { KekAway, type KekPort, type WrapContext } from './port.ts';

const CALL_TIMEOUT_MS = 5_000;
const MAX_ANSWER_CHARACTERS = 20_000;

const Encrypted = z.object({ CiphertextBlob: z.base64().max(2_000) });
const Decrypted = z.object({ Plaintext: z.base64().max(100) });
const Failed = z.object({ __type: z.string().max(200) });

const keyOf = (kekId: string): string => kekId.slice('aws-kms:'.length);

/** Stands in CloudTrail, so it names no person: the owner is an id of ours. */
const encryptionContext = ({ organization, owner, version }: WrapContext) => ({
  'bedside:organization': organization,
  'bedside:owner': owner,
  'bedside:version': String(version),
});

/** The last part of `com.amazonaws.kms#NotFoundException`. */
const failureOf = (body: unknown): string => {
  const failed = Failed.safeParse(body);
  return failed.success ? (/[A-Za-z]{1,60}$/.exec(failed.data.__type)?.[0] ?? 'failed') : 'failed';
};

/**
 * KEKs of AWS Key Management Service: its Encrypt and Decrypt (API version 2014-11-01) over HTTPS, signed with Signature
 * Version 4. A data key crosses the wire once when it is made and once when it is needed and not in memory.
 */
export class AwsKmsKek implements KekPort {
  readonly kind = 'aws-kms';
  readonly #client: AwsClient;
  readonly #url: string;
  readonly #kek: string;

  /** `kek`: the id of the configured KEK, where it is of this kind. */
  constructor(config: AwsKmsConfig, kek: string) {
    this.#client = new AwsClient({
      accessKeyId: config.accessKeyId,
      secretAccessKey: config.secretAccessKey,
      ...(config.sessionToken === undefined ? {} : { sessionToken: config.sessionToken }),
      region: config.region,
      service: 'kms',
      retries: 0,
    });
    this.#url = config.endpoint ?? `https://kms.${config.region}.amazonaws.com/`;
    this.#kek = kek;
  }

  async current(): Promise<string> {
    return this.#kek;
  }

  async next(known: readonly string[]): Promise<string> {
    if (known.includes(this.#kek)) throw new KekAway('aws-kms-no-new-key-named');
    return this.#kek;
  }

  async wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer> {
    const answer = await this.#call('Encrypt', {
      KeyId: keyOf(kekId),
      Plaintext: key.toString('base64'),
      EncryptionContext: encryptionContext(context),
    });
    const encrypted = Encrypted.safeParse(answer);
    if (!encrypted.success) throw new KekAway('aws-kms-answer-malformed');
    return Buffer.from(encrypted.data.CiphertextBlob, 'base64');
  }

  async unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer> {
    const answer = await this.#call('Decrypt', {
      // Without it a ciphertext could name another key that the account may use.
      KeyId: keyOf(kekId),
      CiphertextBlob: wrapped.toString('base64'),
      EncryptionContext: encryptionContext(context),
    });
    const decrypted = Decrypted.safeParse(answer);
    if (!decrypted.success) throw new KekAway('aws-kms-answer-malformed');
    return Buffer.from(decrypted.data.Plaintext, 'base64');
  }

  async #call(operation: 'Encrypt' | 'Decrypt', body: unknown): Promise<unknown> {
    const { ok, answer } = await this.#send(operation, body);
    if (ok) return answer;
    const failure = failureOf(answer);
    if (failure === 'InvalidCiphertextException' || failure === 'IncorrectKeyException')
      throw new SealBroken('not wrapped by this key, or for something else');
    throw new KekAway(`aws-kms-${failure}`);
  }

  async #send(operation: string, body: unknown): Promise<{ ok: boolean; answer: unknown }> {
    try {
      const signed = await this.#client.sign(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
        body: JSON.stringify(body),
      });
      const response = await fetch(signed, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: 'error' });
      const text = await response.text();
      return { ok: response.ok, answer: JSON.parse(text.slice(0, MAX_ANSWER_CHARACTERS)) };
    } catch (error) {
      throw new KekAway('aws-kms-no-answer', { cause: error });
    }
  }

  async close(): Promise<void> {}
}
