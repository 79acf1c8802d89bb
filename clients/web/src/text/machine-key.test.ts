import { describe, expect, it } from 'vitest';
import { readMachineKey } from './machine-key.ts';

const X = 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4';
const Y = '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM';

describe('a machine’s public key', () => {
  it.each([
    [
      'Ed25519',
      { kty: 'OKP', crv: 'Ed25519', x: X, kid: 'labs-1', use: 'sig', alg: 'EdDSA' },
      { kty: 'OKP', crv: 'Ed25519', x: X },
    ],
    ['P-256', { kty: 'EC', crv: 'P-256', x: X, y: Y, key_ops: ['verify'] }, { kty: 'EC', crv: 'P-256', x: X, y: Y }],
  ])('is read as tools print it: %s', (_name, given, key) => {
    expect(readMachineKey(JSON.stringify(given, null, 2))).toEqual({ key });
  });

  it('is refused where the private half is in it, and says so', () => {
    const { problem, key } = readMachineKey(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: X, d: X }));
    expect(key).toBeUndefined();
    expect(problem).toMatch(/private key/);
  });

  it.each(['', 'null', '[]', '"key"', '-----BEGIN PUBLIC KEY-----', '{"kty":"RSA","n":"AQAB","e":"AQAB"}'])(
    'is not %j',
    (text) => {
      expect(readMachineKey(text).problem).toMatch(/no public key/);
    },
  );
});
