import type { ComponentChildren, JSX } from 'preact';
import { ACCOUNT } from '../routes.ts';
import { me, signOutHere } from '../session.ts';
import { Brand } from './brand.tsx';
import './frame.css';

/** The page around everything but the visit itself: skip link, bar, main, the clinic's phone at the foot. */
export const Frame = (props: {
  narrow?: boolean;
  wide?: boolean;
  /** Under the bar. */
  nav?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element => {
  const { narrow, wide, nav, children } = props;
  const who = me.value;
  const phone = who?.organization.phone;
  return (
    <div class={`frame${narrow ? ' frame--narrow' : wide ? ' frame--wide' : ''}`}>
      <a class="frame__skip" href="#main">
        Skip to the content
      </a>
      <header class="frame__bar">
        <Brand clinic={who?.organization.name} />
        {who && (
          <div class="row">
            <a class="frame__who soft small" href={ACCOUNT} data-testid="account">
              <span class="visually-hidden">Your sign-in: </span>
              {who.person.displayName}
            </a>
            <button
              type="button"
              class="button button--quiet"
              data-testid="sign-out"
              onClick={() => void signOutHere()}
            >
              Sign out
            </button>
          </div>
        )}
      </header>
      {nav}
      <main id="main" class="frame__main" tabIndex={-1}>
        {children}
      </main>
      {phone && (
        <footer class="frame__foot">
          Trouble with the page? Call {who.organization.name}: <a href={`tel:${phone}`}>{phone}</a>
        </footer>
      )}
    </div>
  );
};
