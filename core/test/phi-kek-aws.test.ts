import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SealBroken } from '../src/phi/envelope.ts';
import { AwsKmsKek } from '../src/phi/kek/aws-kms-kek.ts';
import { CREDENTIALS, startFakeKms } from './support/fake-kms.ts';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd';
const context = { organization: 'clinic', owner: 'person:1', version: 1 };

describe('a KEK of AWS KMS', () => {
  it('wraps and unwraps with signed requests, bound to whom a key is of', async () => {
    await using kms = await startFakeKms();
    kms.addKey(KEY);
    const kek = new AwsKmsKek({ ...CREDENTIALS, region: 'eu-central-1', endpoint: kms.endpoint }, `aws-kms:${KEY}`);
    const id = await kek.current();
    const key = randomBytes(32);
    const wrapped = await kek.wrap(id, key, context);
    expect(wrapped.includes(key)).toBe(false);
    expect(await kek.unwrap(id, wrapped, context)).toEqual(key);
    await expect(kek.unwrap(id, wrapped, { ...context, owner: 'person:2' })).rejects.toBeInstanceOf(SealBroken);
    expect(kms.asked).toEqual(['TrentService.Encrypt', 'TrentService.Decrypt', 'TrentService.Decrypt']);
  });

  it('is away when it refuses, throttles, answers nonsense or nothing, and says which', async () => {
    const kms = await startFakeKms();
    kms.addKey(KEY);
    const config = { ...CREDENTIALS, region: 'eu-central-1', endpoint: kms.endpoint };
    const kek = new AwsKmsKek(config, `aws-kms:${KEY}`);
    const reason = { code: 'unavailable' };
    kms.failWith('com.amazonaws.kms#ThrottlingException');
    await expect(kek.wrap(`aws-kms:${KEY}`, randomBytes(32), context)).rejects.toMatchObject({
      ...reason,
      reason: 'aws-kms-ThrottlingException',
    });
    kms.failWith(undefined);
    await expect(kek.wrap('aws-kms:alias/nowhere', randomBytes(32), context)).rejects.toMatchObject({
      ...reason,
      reason: 'aws-kms-NotFoundException',
    });
    const stranger = new AwsKmsKek({ ...config, secretAccessKey: 'another' }, `aws-kms:${KEY}`);
    await expect(stranger.wrap(`aws-kms:${KEY}`, randomBytes(32), context)).rejects.toMatchObject({
      reason: 'aws-kms-InvalidSignatureException',
    });
    await kms[Symbol.asyncDispose]();
    await expect(kek.wrap(`aws-kms:${KEY}`, randomBytes(32), context)).rejects.toMatchObject({
      ...reason,
      reason: 'aws-kms-no-answer',
    });
  });
});
