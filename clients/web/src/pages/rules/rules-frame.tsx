import type { ComponentChildren, JSX } from 'preact';
import { isAdmin, isDesk } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { StaffPage } from '../schedule/staff-page.tsx';
import './rules.css';

/** One kind of the house's rules: the front desk reads them, administrators keep them. */
export const RulesFrame = (props: {
  title: string;
  about: string;
  done: string;
  children: ComponentChildren;
}): JSX.Element => {
  if (!isDesk()) return <NotFoundPage />;
  const about = isAdmin() ? props.about : `${props.about} An administrator can change them.`;
  return <StaffPage {...props} about={about} />;
};
