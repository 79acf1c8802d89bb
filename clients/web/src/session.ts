import type { Me } from '@bedside/protocol';
import { signal } from '@preact/signals';
import { fetchMe, signOut } from './api/core-api.ts';
import { type ApiError, apiErrorOf } from './api/http.ts';

/** Who is signed in: undefined until core has said it. */
export const me = signal<Me | null | undefined>(undefined);
/** Why core could not say it. */
export const meError = signal<ApiError | undefined>(undefined);

export const loadMe = async (): Promise<void> => {
  try {
    me.value = await fetchMe();
    meError.value = undefined;
  } catch (error) {
    const failure = apiErrorOf(error);
    if (noteSignedOut(failure)) meError.value = undefined;
    else meError.value = failure;
  }
};

/** Where signing in begins; it comes back to this page. */
export const signInUrl = (returnTo: string, issuer?: string): string =>
  `/auth/login?${new URLSearchParams({ return_to: returnTo, ...(issuer && { issuer }) })}`;

/** For failures of any call: a session that has run out leads to signing in, others are left to the page. */
export const noteSignedOut = (error: ApiError): boolean => {
  if (error.code !== 'sign_in_required') return false;
  me.value = null;
  return true;
};

export const signOutHere = async (): Promise<void> => {
  location.assign(await signOut().catch(() => '/'));
};
