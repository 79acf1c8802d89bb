import { expect, test } from 'vitest';
import { isInstalled } from './install.mjs';

const zod = { version: '4.0.0', integrity: 'sha512-a' };
const elsewhere = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const locked = {
  '': { version: '0.1.0' },
  protocol: { version: '0.1.0' },
  'node_modules/@bedside/protocol': { link: true },
  'node_modules/zod': zod,
  'node_modules/for-another-machine': elsewhere,
};
const installed = { protocol: {}, 'node_modules/@bedside/protocol': { link: true }, 'node_modules/zod': zod };

test('what npm installed from this lockfile is fresh, without the packages of other machines', () => {
  expect(isInstalled(locked, installed)).toBe(true);
});

test.each([
  ['a package is missing', { ...installed, 'node_modules/zod': undefined }],
  ['a workspace is not linked', { ...installed, 'node_modules/@bedside/protocol': undefined }],
  ['a version differs', { ...installed, 'node_modules/zod': { ...zod, version: '4.0.1' } }],
  ['a content differs', { ...installed, 'node_modules/zod': { ...zod, integrity: 'sha512-c' } }],
  ['a package is no longer locked', { ...installed, 'node_modules/left-over': zod }],
])('it is stale when %s', (_, changed) => {
  const entries = Object.entries(changed).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  expect(isInstalled(locked, Object.fromEntries(entries))).toBe(false);
});
