/** One's own sign-in: where one is signed in, and the security keys that prove it. */
import { PasskeySummary, SessionSummary } from '@bedside/protocol';
import { call, listOf, noContent } from './http.ts';

const base = '/api/v1/me';
const asIs = { parse: (value: unknown) => value };

export const fetchSessions = (): Promise<SessionSummary[]> =>
  call('GET', `${base}/sessions`, listOf('sessions', SessionSummary));

export const endSession = (id: string): Promise<undefined> => call('DELETE', `${base}/sessions/${id}`, noContent);

export const fetchPasskeys = (): Promise<PasskeySummary[]> =>
  call('GET', `${base}/passkeys`, listOf('passkeys', PasskeySummary));

export const removePasskey = (id: string): Promise<undefined> => call('DELETE', `${base}/passkeys/${id}`, noContent);

/** The browser can do it at all. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

/** Has the browser make a key and registers it. Rejects with `ApiError`, or with what the browser says of a refusal. */
export const registerPasskey = async (name: string): Promise<PasskeySummary> => {
  const options = await call('POST', `${base}/passkeys/registration/options`, asIs);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  return call('POST', `${base}/passkeys`, PasskeySummary, { body: { name, response: made.toJSON() } });
};

/** Has the browser prove by a key that it is the same person. `path` gives the options. */
export const proveByPasskey = async (path: string): Promise<void> => {
  const options = await call('POST', path, asIs);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  const proof = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  await call('POST', `${base}/passkeys/assertion`, noContent, { body: proof.toJSON() });
};
