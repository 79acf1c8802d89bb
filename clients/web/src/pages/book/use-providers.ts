import type { Provider } from '@bedside/protocol';
import { useEffect, useState } from 'preact/hooks';
import { fetchProviders, type ProviderPage } from '../../api/scheduling-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';

/** Who can be booked, page by page; another specialty begins anew. */
export const useProviders = (specialty: string) => {
  const query = specialty ? { specialty } : {};
  const first = useLoaded(() => fetchProviders(query), specialty);
  const [further, setFurther] = useState<readonly ProviderPage[]>([]);
  useEffect(() => setFurther([]), [specialty]);
  const cursor = (further.at(-1) ?? first.value)?.next;
  const providers: readonly Provider[] = [first.value, ...further].flatMap((page) => page?.providers ?? []);
  return {
    providers,
    isLoading: !first.value && !first.error,
    error: first.error,
    /** Absent where there is nobody else. */
    more:
      cursor === undefined
        ? undefined
        : async () => {
            const page = await fetchProviders({ ...query, cursor });
            setFurther((before) => [...before, page]);
          },
  };
};
