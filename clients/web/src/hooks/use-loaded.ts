import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../api/http.ts';
import { noteSignedOut } from '../session.ts';

export interface Loaded<Value> {
  value: Value | undefined;
  error: ApiError | undefined;
  reload: () => void;
  /** The same; resolves when the answer is shown, or the error is. */
  reloaded: () => Promise<void>;
}

/**
 * Loads when the page opens and on `reload`. A failed repetition keeps what is shown and tells the error; answers that
 * arrive out of order do not overwrite newer ones.
 */
export const useLoaded = <Value>(load: () => Promise<Value>, key = ''): Loaded<Value> => {
  const nothing = { key, value: undefined, error: undefined };
  const [loaded, setLoaded] = useState<{ key: string; value: Value | undefined; error: ApiError | undefined }>(nothing);
  const turn = useRef(0);
  const loader = useRef(load);
  loader.current = load;
  const asked = useRef(key);
  asked.current = key;
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    const question = asked.current;
    try {
      const value = await loader.current();
      if (mine === turn.current) setLoaded({ key: question, value, error: undefined });
    } catch (cause) {
      const error = apiErrorOf(cause);
      if (mine === turn.current && !noteSignedOut(error)) setLoaded((before) => ({ ...before, error }));
    }
  }, []);
  // Another key is another question.
  useEffect(() => {
    setLoaded(nothing);
    void reload();
    return () => {
      turn.current += 1;
    };
  }, [key, reload]);
  const again = useCallback(() => void reload(), [reload]);
  // The answer to the question before is none, not even for the frame until this one is asked.
  const { value, error } = loaded.key === key ? loaded : nothing;
  return { value, error, reload: again, reloaded: reload };
};
