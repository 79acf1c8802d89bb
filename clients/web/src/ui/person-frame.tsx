import type { ComponentChildren, JSX } from 'preact';
import { PRIVACY } from '../routes.ts';
import { me } from '../session.ts';
import { Frame } from './frame.tsx';
import { Icon } from './icons.tsx';
import { StaffFrame } from './staff-frame.tsx';

/** The frame of pages that patients and staff have alike. */
export const PersonFrame = ({ children }: { children: ComponentChildren }): JSX.Element => {
  const isStaff = me.value?.roles.some((role) => role !== 'patient') ?? false;
  if (isStaff) return <StaffFrame>{children}</StaffFrame>;
  return (
    <Frame narrow>
      <p>
        <a class="button button--quiet back-link" href={PRIVACY}>
          <Icon name="back" /> Your record and privacy
        </a>
      </p>
      {children}
    </Frame>
  );
};
