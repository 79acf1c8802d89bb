import type { ComponentChildren, JSX } from 'preact';
import { useTitle } from '../../hooks/use-title.ts';
import { isAdmin, isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import '../../ui/rows.css';
import './rules.css';

/** One kind of the house's rules: the front desk reads them, administrators keep them. */
export const RulesFrame = (props: {
  title: string;
  about: string;
  done: string;
  children: ComponentChildren;
}): JSX.Element => {
  useTitle(props.title);
  if (!isDesk()) return <NotFoundPage />;
  return (
    <StaffFrame>
      <div class="schedule">
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
