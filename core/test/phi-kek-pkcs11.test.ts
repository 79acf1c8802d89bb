import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SealBroken } from '../src/phi/envelope.ts';
import { Pkcs11Kek } from '../src/phi/kek/pkcs11-kek.ts';
import { KekAway } from '../src/phi/kek/port.ts';
import { createSoftToken, type SoftToken, softTokenLibrary } from './support/soft-token.ts';

const library = await softTokenLibrary();
if (library === undefined)
  process.stderr.write('PKCS#11 is not tested here: softhsm2 is not installed (apt-get install softhsm2).\n');

const context = { organization: 'clinic', owner: 'person:1', version: 1 };

describe.skipIf(library === undefined)('a KEK in a PKCS#11 token (SoftHSM)', () => {
  let token: SoftToken;
  let kek: Pkcs11Kek;
  beforeAll(async () => {
    token = await createSoftToken(library ?? '');
    await token.addKey('kek-1');
    await token.addKey('kek-2');
    kek = new Pkcs11Kek(token.config, 'pkcs11:kek-1');
  });
  afterAll(async () => {
    await kek?.close();
    await token?.[Symbol.asyncDispose]();
  });

  it('wraps and unwraps, many at once', async () => {
    expect(await kek.current()).toBe('pkcs11:kek-1');
    // As many as may wait, with memory being moved meanwhile.
    const keys = Array.from({ length: 256 }, () => randomBytes(32));
    const wrapped = await Promise.all(keys.map((key) => kek.wrap('pkcs11:kek-1', key, context)));
    expect(new Set(wrapped.map((one) => one.toString('hex'))).size).toBe(256);
    const unwrapped = await Promise.all(wrapped.map((one) => kek.unwrap('pkcs11:kek-1', one, context)));
    expect(unwrapped).toEqual(keys);
  });

  it('unwraps nothing that was changed, is of another key, or was for something else', async () => {
    const wrapped = await kek.wrap('pkcs11:kek-1', randomBytes(32), context);
    const changed = Buffer.from(wrapped);
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
    for (const attempt of [
      () => kek.unwrap('pkcs11:kek-1', changed, context),
      () => kek.unwrap('pkcs11:kek-2', wrapped, context),
      () => kek.unwrap('pkcs11:kek-1', wrapped, { ...context, owner: 'person:2' }),
      () => kek.unwrap('pkcs11:kek-1', wrapped, { ...context, version: 2 }),
    ])
      await expect(attempt()).rejects.toThrow();
    await expect(kek.unwrap('pkcs11:kek-1', changed.subarray(0, 20), context)).rejects.toBeInstanceOf(SealBroken);
    // The session is of use all the same.
    expect(await kek.unwrap('pkcs11:kek-1', wrapped, context)).toHaveLength(32);
  });

  it('is away without its key, its token, its PIN or its library, and says which', async () => {
    const reasonOf = async (port: Pkcs11Kek, id: string): Promise<unknown> => {
      try {
        return await port.wrap(id, randomBytes(32), context);
      } catch (error) {
        expect(error).toBeInstanceOf(KekAway);
        return (error as KekAway).reason;
      } finally {
        await port.close();
      }
    };
    const other = (change: object) => new Pkcs11Kek({ ...token.config, ...change }, 'pkcs11:kek-1');
    expect(await reasonOf(other({}), 'pkcs11:nowhere')).toBe('pkcs11-no-such-key');
    expect(await reasonOf(other({ token: 'nowhere' }), 'pkcs11:kek-1')).toBe('pkcs11-no-such-token');
    expect(await reasonOf(other({ pinFile: '/nowhere/pin' }), 'pkcs11:kek-1')).toBe('pkcs11-pin-file-unreadable');
    expect(await reasonOf(other({ module: '/nowhere/library.so' }), 'pkcs11:kek-1')).toBe('pkcs11-module-not-loadable');
  });

  it('goes on to another key by its label', async () => {
    const next = new Pkcs11Kek(token.config, 'pkcs11:kek-2');
    expect(await next.next(['pkcs11:kek-1'])).toBe('pkcs11:kek-2');
    await expect(kek.next(['pkcs11:kek-1'])).rejects.toMatchObject({ reason: 'pkcs11-no-new-key-named' });
    await next.close();
  });

  it('takes no label that two keys have', async () => {
    await token.addKey('twice');
    await token.addKey('twice');
    await expect(kek.wrap('pkcs11:twice', randomBytes(32), context)).rejects.toMatchObject({
      reason: 'pkcs11-label-of-several-keys',
    });
  });

  it('opens its session again after a wrong PIN was mended', async () => {
    const pinFile = `${token.folder}/other-pin`;
    await writeFile(pinFile, '4711-pin\n');
    const port = new Pkcs11Kek({ ...token.config, pinFile }, 'pkcs11:kek-1');
    await rm(pinFile);
    await expect(port.current()).rejects.toMatchObject({ reason: 'pkcs11-pin-file-unreadable' });
    await writeFile(pinFile, '4711-pin\n');
    expect(await port.current()).toBe('pkcs11:kek-1');
    await port.close();
  });
});
