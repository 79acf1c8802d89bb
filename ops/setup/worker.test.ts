import { expect, test } from 'vitest';
import { parseNinja } from './worker-build.ts';
import { cacheDirs, distribution } from './worker-cache.ts';
import { archiveName, releasesUrl } from './worker-download.ts';

test.each([
  ['PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n', 'debian12'],
  ['ID="rocky"\nVERSION_ID="9.4"\n', 'rocky9.4'],
  ['ID=arch\n', 'arch'],
  ['', 'linux'],
])('the distribution in %j', (osRelease, name) => {
  expect(distribution(osRelease)).toBe(name);
});

test('an ordinary user looks into their own cache and then root’s; root into its own alone', () => {
  expect(cacheDirs({ XDG_CACHE_HOME: '/home/ada/cache' }, 1000)).toEqual([
    '/home/ada/cache/bedside',
    '/var/cache/bedside',
  ]);
  expect(cacheDirs({ XDG_CACHE_HOME: '/root/cache' }, 0)).toEqual(['/var/cache/bedside']);
  expect(cacheDirs({ BEDSIDE_CACHE_DIR: '/srv/cache' }, 0)).toEqual(['/srv/cache']);
  expect(cacheDirs({ BEDSIDE_CACHE_DIR: '/srv/cache' }, 1000)).toEqual(['/srv/cache', '/var/cache/bedside']);
});

test('ninja’s progress is read from the head of its lines', () => {
  expect(parseNinja('[12/345] Building CXX object a.o')).toEqual({ done: 12, total: 345 });
  expect(parseNinja('warning: [12/345]')).toBeUndefined();
});

test('the archive and its place are named as mediasoup names them', () => {
  expect(archiveName('3.27.1')).toMatch(/^mediasoup-worker-3\.27\.1-linux-(x64|arm64)-kernel\d+\.tgz$/);
  expect(releasesUrl('git+https://code.example/sfu/mediasoup.git')).toBe(
    'https://code.example/sfu/mediasoup/releases/download',
  );
});
