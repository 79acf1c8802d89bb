import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the benchmark of scheduling runs and ends with its figures', async () => {
  const script = new URL('../bench/scheduling.ts', import.meta.url).pathname;
  const size = ['--providers', '60', '--seconds', '1', '--rate', '20'];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...size], { timeout: 150_000 });
  const figures = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
  const names = [
    'searchP99Ms',
    'rebuildS',
    'changeVisibleMs',
    'bookingsPerS',
    'bookingP99Ms',
    'searchRatio',
    'bookingRatio',
  ];
  expect(Object.keys(figures)).toEqual(names);
  for (const name of names) expect(figures[name]).toBeGreaterThan(0);
}, 160_000);
