import { useEffect, useRef, useState } from 'preact/hooks';
import { Decisions } from '../api/decisions.ts';
import { type ApiError, apiErrorOf, isLost } from '../api/http.ts';
import { persist } from '../api/persist.ts';
import type { Once } from '../api/scheduling-api.ts';
import { noteSignedOut } from '../session.ts';

export interface Act {
  readonly busy: boolean;
  /** The last answer was lost and the request goes out again. */
  readonly lost: boolean;
  readonly error: ApiError | undefined;
  /** Sends the request until an answer comes, then calls `done`, or tells the `error`. One at a time. */
  run<Request extends object, Result>(
    request: Request,
    send: (request: Request, how: Once) => Promise<Result>,
    done: (result: Result) => void,
  ): Promise<void>;
  forget(): void;
}

/** One decision of a person, for as long as the page shows: while its answer is not known, the same request keeps its idempotency key. */
export const useAct = (): Act => {
  const [busy, setBusy] = useState(false);
  const [lost, setLost] = useState(false);
  const [error, setError] = useState<ApiError>();
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  const [decisions] = useState(() => new Decisions());
  const running = useRef(false);
  const run: Act['run'] = async (request, send, done) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    const key = decisions.keyFor(JSON.stringify(request));
    try {
      const result = await persist((signal) => send(request, { key, signal }), {
        signal: leaving.current.signal,
        onLost: () => setLost(true),
      });
      decisions.answered();
      done(result);
    } catch (cause) {
      if (leaving.current.signal.aborted) return;
      const failure = apiErrorOf(cause);
      if (!isLost(failure)) decisions.answered();
      if (!noteSignedOut(failure)) setError(failure);
    } finally {
      running.current = false;
      setBusy(false);
      setLost(false);
    }
  };
  return { busy, lost, error, run, forget: () => setError(undefined) };
};
