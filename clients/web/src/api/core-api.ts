import { DAY_CHANGED_EVENT, Day, type EncounterId, EncounterView, Grant, Me, type PersonId } from '@bedside/protocol';
import { call, noContent } from './http.ts';

const base = '/api/v1';

export const fetchMe = (): Promise<Me> => call('GET', `${base}/me`, Me);

export const fetchDay = (): Promise<Day> => call('GET', `${base}/day`, Day);

/** Calls back whenever the day may have changed, also after a lost stream came back. Returns the function that ends it. */
export const watchDay = (changed: () => void): (() => void) => {
  const source = new EventSource(`${base}/day/events`);
  source.addEventListener(DAY_CHANGED_EVENT, changed);
  source.addEventListener('open', changed);
  return () => source.close();
};

export const fetchEncounter = (id: EncounterId, signal?: AbortSignal): Promise<EncounterView> =>
  call('GET', `${base}/encounters/${id}`, EncounterView, signal ? { signal } : {});

export const requestGrant = (id: EncounterId, signal?: AbortSignal): Promise<Grant> =>
  call('POST', `${base}/encounters/${id}/grant`, Grant, signal ? { signal } : {});

export const admitFromDay = (id: EncounterId, personId: PersonId): Promise<undefined> =>
  call('POST', `${base}/encounters/${id}/admit`, noContent, { body: { personId } });

/** Ends the session and gives the address where the issuer's own session is ended. */
export const signOut = (): Promise<string> =>
  call('POST', '/auth/logout', {
    parse: (value) => {
      const url = new URL((value as { redirectTo: string }).redirectTo, location.origin);
      if (!/^https?:$/.test(url.protocol)) throw new TypeError('not a web address');
      return url.href;
    },
  });
