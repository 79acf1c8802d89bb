import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../api/http.ts';
import { noteSignedOut } from '../session.ts';

export interface Loaded<Value> {
  value: Value | undefined;
  error: ApiError | undefined;
  reload: () => void;
}

/**
 * Loads when the page opens and on `reload`. A failed repetition keeps what is shown and tells the error; answers that
 * arrive out of order do not overwrite newer ones.
 */
export const useLoaded = <Value>(load: () => Promise<Value>, key = ''): Loaded<Value> => {
  const [loaded, setLoaded] = useState<{ value: Value | undefined; error: ApiError | undefined }>({
    value: undefined,
    error: undefined,
  });
  const turn = useRef(0);
  const loader = useRef(load);
  loader.current = load;
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const value = await loader.current();
      if (mine === turn.current) setLoaded({ value, error: undefined });
    } catch (cause) {
      const error = apiErrorOf(cause);
      if (mine === turn.current && !noteSignedOut(error)) setLoaded(({ value }) => ({ value, error }));
    }
  }, []);
  // Another key is another question.
  useEffect(() => {
    setLoaded({ value: undefined, error: undefined });
    void reload();
    return () => {
      turn.current += 1;
    };
  }, [key, reload]);
  const again = useCallback(() => void reload(), [reload]);
  return { ...loaded, reload: again };
};
