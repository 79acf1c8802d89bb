import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { useTitle } from '../../hooks/use-title.ts';
import { RULES_LICENSES, RULES_PAYERS, RULES_VISIT_TYPES } from '../../routes.ts';
import { isAdmin, isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import '../../ui/rows.css';
import './rules.css';

const PARTS = [
  { href: RULES_VISIT_TYPES, words: 'Visit types' },
  { href: RULES_LICENSES, words: 'Licences' },
  { href: RULES_PAYERS, words: 'Payers' },
];

/** One kind of the house's rules: the front desk reads them, administrators keep them. */
export const RulesFrame = (props: {
  title: string;
  about: string;
  done: string;
  children: ComponentChildren;
}): JSX.Element => {
  useTitle(props.title);
  const { path } = useLocation();
  if (!isDesk()) return <NotFoundPage />;
  return (
    <StaffFrame>
      <div class="schedule">
        <nav aria-label="Rules">
          <ul class="rule-parts">
            {PARTS.map(({ href, words }) => (
              <li key={href}>
                <a class="rule-parts__link" href={href} aria-current={href === path ? 'page' : undefined}>
                  {words}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div>
          <h1>{props.title}</h1>
          <p class="soft">
            {props.about}
            {!isAdmin() && ' An administrator can change them.'}
          </p>
        </div>
        <DoneLine words={props.done} />
        {props.children}
      </div>
    </StaffFrame>
  );
};
