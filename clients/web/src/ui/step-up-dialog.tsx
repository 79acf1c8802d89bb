import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/http.ts';
import { hasPasskeys, proveByPasskey } from '../api/identity-api.ts';
import { ACCOUNT } from '../routes.ts';
import { stepUpAsked } from '../step-up.ts';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

const NO_PROOF = 'The key was not used. Try again, or choose another way.';

/** Asks somebody to prove anew that it is they, by the ways that are open to them. */
export const StepUpDialog = (): JSX.Element | null => {
  const asked = stepUpAsked.value;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  if (!asked) return null;
  const { ways } = asked;
  const byKey = ways.passkey !== undefined && hasPasskeys();
  const prove = async () => {
    if (ways.passkey === undefined) return;
    setBusy(true);
    setProblem('');
    try {
      await proveByPasskey(ways.passkey);
      asked.answer(true);
    } catch (cause) {
      setProblem(cause instanceof ApiError ? cause.message : NO_PROOF);
    } finally {
      setBusy(false);
    }
  };
  const returnTo = ways.registerPasskey === undefined ? `${location.pathname}${location.search}` : ACCOUNT;
  return (
    <Dialog
      title="Is it still you?"
      onClose={() => asked.answer(false)}
      actions={
        <>
          {byKey && (
            <button
              type="button"
              class="button button--primary"
              data-testid="step-up-passkey"
              disabled={busy}
              onClick={() => void prove()}
            >
              {busy ? 'Waiting for your key…' : 'Use your security key'}
            </button>
          )}
          {ways.signIn !== undefined && (
            <a
              class={`button ${byKey ? 'button--secondary' : 'button--primary'}`}
              href={`${ways.signIn}&${new URLSearchParams({ return_to: returnTo })}`}
              data-testid="step-up-sign-in"
            >
              Sign in again
            </a>
          )}
          <button type="button" class="button button--quiet" onClick={() => asked.answer(false)}>
            Not now
          </button>
        </>
      }
    >
      <p>This needs a fresh proof that it is you, because it is some time since you signed in.</p>
      {ways.registerPasskey !== undefined && (
        <p>Your clinic asks for a security key here, and you have none yet. Sign in again and add one first.</p>
      )}
      {ways.signIn !== undefined && <p class="soft">Signing in again brings you back to this page.</p>}
      {problem && <Notice tone="danger">{problem}</Notice>}
    </Dialog>
  );
};
