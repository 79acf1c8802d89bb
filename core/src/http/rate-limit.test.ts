import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

describe('rate limit', () => {
  it('counts each key by itself and says when to come back', () => {
    const limit = new RateLimit(2);
    limit.take('a', 0);
    limit.take('a', 1_000);
    limit.take('b', 1_000);
    expect(() => limit.take('a', 30_000)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 30 }),
    );
    limit.take('a', 60_000);
  });

  it('holds a bounded number of keys', () => {
    const limit = new RateLimit(1);
    for (let key = 0; key < 20_001; key++) limit.take(String(key), 0);
    expect(() => limit.take('20000', 1)).toThrow();
    expect(() => limit.take('0', 1)).not.toThrow();
  });
});
