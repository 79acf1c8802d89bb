import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { forPath, HOME } from '../../routes.ts';
import { Frame } from '../../ui/frame.tsx';
import { Icon } from '../../ui/icons.tsx';
import { type ActedFor, isFor, isOwn } from './acting.ts';
import { useActedFor } from './use-acted-for.ts';
import './patient-frame.css';

/** The frame of the pages of a patient. Whoever acts for others sees for whom they are, wherever they are, and chooses. */
export const PatientFrame = (props: { narrow?: boolean; children: ComponentChildren }): JSX.Element => {
  const others = useActedFor();
  const hasOthers = others !== undefined && !(others instanceof Error) && others.length > 0;
  return (
    <Frame narrow={props.narrow ?? false} nav={hasOthers && <WhomNav others={others} />}>
      {props.children}
    </Frame>
  );
};

const WhomNav = ({ others }: { others: readonly ActedFor[] }): JSX.Element => {
  const { path } = useLocation();
  return (
    <nav class="whom" aria-label="Whose visits" data-testid="whom">
      <ul class="whom__choices">
        <Whose href={HOME} isCurrent={isOwn(path)} words="For you" />
        {others.map(({ id, displayName }) => (
          <Whose key={id} href={forPath(id)} isCurrent={isFor(path, id)} words={`For ${displayName}`} />
        ))}
      </ul>
    </nav>
  );
};

const Whose = (props: { href: string; isCurrent: boolean; words: string }): JSX.Element => (
  <li>
    <a
      class="whom__choice"
      href={props.href}
      aria-current={props.isCurrent ? 'true' : undefined}
      data-testid="whom-choice"
    >
      {props.isCurrent && <Icon name="check" />}
      {props.words}
    </a>
  </li>
);
