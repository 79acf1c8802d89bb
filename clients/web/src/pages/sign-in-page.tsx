import type { JSX } from 'preact';
import { fetchIssuers } from '../api/issuers-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useTitle } from '../hooks/use-title.ts';
import { signInUrl } from '../session.ts';
import { signInSentence } from '../text/sign-in.ts';
import { Frame } from '../ui/frame.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import './sign-in-page.css';

const returnPath = (): string => {
  const query = new URLSearchParams(location.search);
  query.delete('sign-in');
  const rest = query.toString();
  return `${location.pathname}${rest ? `?${rest}` : ''}`;
};

export const SignInPage = (): JSX.Element => {
  useTitle('Sign in');
  // One way in needs no choice; while it is not known how many there are, core chooses or says so.
  const issuers = useLoaded(fetchIssuers).value ?? [];
  const failure = new URLSearchParams(location.search).get('sign-in');
  return (
    <Frame>
      <div class="sign-in">
        <div class="stack sign-in__words">
          <h1 class="sign-in__title">See your care team from where you are.</h1>
          <p class="sign-in__lead soft">
            Video visits with your own clinic, in this browser. Nothing to install, and your visit stays on the clinic’s
            own computers.
          </p>
          {failure && <Notice tone="danger">{signInSentence(failure)}</Notice>}
          {issuers.length > 1 ? (
            <ul class="sign-in__choices" aria-label="Sign in with">
              {issuers.map(({ id, label }, index) => (
                <li key={id}>
                  <a
                    class={`button button--large ${index === 0 ? 'button--primary' : 'button--secondary'}`}
                    href={signInUrl(returnPath(), id)}
                    data-testid="sign-in"
                  >
                    Sign in with {label}
                  </a>
                </li>
              ))}
            </ul>
          ) : (
            <p class="sign-in__action">
              <a class="button button--primary button--large" href={signInUrl(returnPath())} data-testid="sign-in">
                Sign in
              </a>
            </p>
          )}
          <p class="soft small">You sign in with the account your clinic gave you.</p>
        </div>
        <ol class="sign-in__steps" aria-label="How a visit goes">
          <li>
            <Icon name="camera" />
            <span>
              <strong>Check</strong> your camera and sound for a moment.
            </span>
          </li>
          <li>
            <Icon name="clock" />
            <span>
              <strong>Wait</strong> in a quiet waiting room. We tell you when somebody runs late.
            </span>
          </li>
          <li>
            <Icon name="chat" />
            <span>
              <strong>Talk</strong> face to face, or write when the line is thin.
            </span>
          </li>
        </ol>
      </div>
    </Frame>
  );
};
