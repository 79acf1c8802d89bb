import type { ComponentChildren, JSX } from 'preact';
import { useTitle } from '../../hooks/use-title.ts';
import '../../ui/rows.css';
import { StaffFrame } from '../../ui/staff-frame.tsx';
import { DoneLine } from './done-line.tsx';
import './schedule.css';

/** A page of those who work here: what it is of, what can be added to it, what was just done, and what there is. */
export const StaffPage = (props: {
  title: string;
  about: ComponentChildren;
  /** Beside the title. */
  act?: ComponentChildren;
  /** What narrows it. */
  filter?: ComponentChildren;
  done: string;
  /** Dialogs that are open. */
  questions?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element => {
  useTitle(props.title);
  return (
    <StaffFrame>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>{props.title}</h1>
            <p class="soft">{props.about}</p>
          </div>
          {props.act}
        </div>
        {props.filter}
        <DoneLine words={props.done} />
        {props.children}
      </div>
      {props.questions}
    </StaffFrame>
  );
};
