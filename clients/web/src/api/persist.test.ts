import { describe, expect, test, vi } from 'vitest';
import { ApiError } from './http.ts';
import { persist } from './persist.ts';

const AT_ONCE = [0, 0];

describe('persist', () => {
  test('SCH5 sends the same decision again until its answer comes', async () => {
    const send = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new ApiError('unreachable'))
      .mockRejectedValueOnce(new ApiError('unavailable'))
      .mockResolvedValue('held');
    const onLost = vi.fn();
    await expect(persist(send, { pausesMs: AT_ONCE, onLost })).resolves.toBe('held');
    expect(onLost).toHaveBeenCalledTimes(2);
  });

  test('a refusal is an answer', async () => {
    const send = vi.fn(() => Promise.reject(new ApiError('slot_taken')));
    await expect(persist(send, { pausesMs: AT_ONCE })).rejects.toMatchObject({ code: 'slot_taken' });
    expect(send).toHaveBeenCalledOnce();
  });

  test('gives up after the last pause', async () => {
    const send = vi.fn(() => Promise.reject(new ApiError('unreachable')));
    await expect(persist(send, { pausesMs: AT_ONCE })).rejects.toMatchObject({ code: 'unreachable' });
    expect(send).toHaveBeenCalledTimes(3);
  });

  test('an answer that does not come is lost', async () => {
    const send = vi.fn(
      (signal: AbortSignal) =>
        new Promise<string>((resolve, reject) => {
          if (send.mock.calls.length > 1) resolve('held');
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    await expect(persist(send, { pausesMs: AT_ONCE, answerMs: 1 })).resolves.toBe('held');
  });

  test('whoever leaves ends the trying, also in a pause', async () => {
    const leaving = new AbortController();
    const tried = persist(() => Promise.reject(new ApiError('unreachable')), {
      signal: leaving.signal,
      pausesMs: [60_000],
      onLost: () => leaving.abort(new Error('page closed')),
    });
    await expect(tried).rejects.toThrow('page closed');
  });
});
