import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { fetchRelationships } from '../../api/relationships-api.ts';
import { me, noteSignedOut } from '../../session.ts';
import { type ActedFor, actedForBy } from './acting.ts';

type Known = readonly ActedFor[] | ApiError;

const known = signal<Known | undefined>(undefined);
let asked: Promise<Known> | undefined;

const ask = async (): Promise<Known> => {
  try {
    return actedForBy(await fetchRelationships(), me.value?.person.id as ActedFor['id']);
  } catch (cause) {
    const error = apiErrorOf(cause);
    noteSignedOut(error);
    return error;
  }
};

/**
 * For whom the person who is signed in acts; undefined until core has said it. Asked once a visit to the site, and again
 * where it could not be said: what ended meanwhile core refuses.
 */
export const useActedFor = (): Known | undefined => {
  useEffect(() => {
    if (known.value !== undefined && !(known.value instanceof Error)) return;
    asked ??= ask();
    void asked.then((answer) => {
      known.value = answer;
      if (answer instanceof Error) asked = undefined;
    });
  }, []);
  return known.value;
};
