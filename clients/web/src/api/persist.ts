import { apiErrorOf, isLost } from './http.ts';

/** An answer that has not come by then is lost: the request is sent again. */
const ANSWER_MS = 15_000;
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });

export interface Persistence {
  /** Ends the trying; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Told before each further attempt. */
  readonly onLost?: () => void;
  readonly pausesMs?: readonly number[];
  readonly answerMs?: number;
}

/**
 * Sends one decision until an answer comes: where the answer is lost, the same request goes out again after a pause, up
 * to six times in all. Only for requests that may be sent twice: reads, and writes that carry an idempotency key.
 * Rejects with `ApiError`.
 */
export const persist = async <Result>(
  send: (signal: AbortSignal) => Promise<Result>,
  options: Persistence = {},
): Promise<Result> => {
  const { signal = new AbortController().signal, pausesMs = PAUSES_MS, answerMs = ANSWER_MS } = options;
  for (let attempt = 0; ; attempt += 1) {
    const timeout = AbortSignal.timeout(answerMs);
    try {
      return await send(AbortSignal.any([signal, timeout]));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      const error = apiErrorOf(cause);
      const next = pausesMs[attempt];
      if (!isLost(error) || next === undefined) throw error;
      options.onLost?.();
      await pause(next, signal);
    }
  }
};
