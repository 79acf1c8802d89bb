import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';

describe('Health', () => {
  it('is ready with no checks and when all of them say so', async () => {
    const health = new Health();
    expect(await health.report()).toEqual({ ready: true, checks: {} });
    health.add('now', () => true);
    health.add('later', async () => true);
    expect(await health.report()).toEqual({ ready: true, checks: { now: 'ok', later: 'ok' } });
  });

  it('is not ready when one says no, throws, rejects or is late', async () => {
    const health = new Health();
    health.add('fine', () => true);
    health.add('no', () => false);
    health.add('throws', () => {
      throw new Error('x');
    });
    health.add('rejects', async () => {
      throw new Error('x');
    });
    health.add('late', () => new Promise(() => undefined));
    expect(await health.report(10)).toEqual({
      ready: false,
      checks: { fine: 'ok', no: 'failed', throws: 'failed', rejects: 'failed', late: 'failed' },
    });
  });

  it('takes a check away, but not a later one of the same name', async () => {
    const health = new Health();
    const remove = health.add('part', () => false);
    health.add('part', () => true);
    remove();
    expect(await health.report()).toEqual({ ready: true, checks: { part: 'ok' } });
  });
});
