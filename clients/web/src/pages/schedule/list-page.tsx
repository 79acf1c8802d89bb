import type { ComponentChildren, JSX } from 'preact';
import type { ApiError } from '../../api/http.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import '../../ui/rows.css';
import { StaffFrame } from '../../ui/staff-frame.tsx';
import { DoneLine } from './done-line.tsx';
import './schedule.css';

interface Listed<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly error: ApiError | undefined;
  /** Absent where there is nothing further. */
  readonly more?: (() => void) | undefined;
}

/** A page of those who work here that is one list: what it is of, what can be added to it, what was just done, its items. */
export const ListPage = <Item,>(props: {
  title: string;
  about: ComponentChildren;
  /** Beside the title. */
  act?: ComponentChildren;
  /** Above the list: what narrows it. */
  filter?: ComponentChildren;
  done: string;
  list: Listed<Item>;
  loading: string;
  none: string;
  item: (item: Item) => JSX.Element;
  /** Questions that are open. */
  children?: ComponentChildren;
}): JSX.Element => {
  const { title, list } = props;
  useTitle(title);
  return (
    <StaffFrame>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>{title}</h1>
            <p class="soft">{props.about}</p>
          </div>
          {props.act}
        </div>
        {props.filter}
        <DoneLine words={props.done} />
        {list.error && <Notice tone="danger">{list.error.message}</Notice>}
        {!list.items && !list.error && <Loading words={props.loading} />}
        {list.items?.length === 0 && <p class="soft">{props.none}</p>}
        <ul class="rules">{list.items?.map((one) => props.item(one))}</ul>
        {list.more && (
          <p>
            <button type="button" class="button button--secondary" onClick={list.more}>
              Show more
            </button>
          </p>
        )}
      </div>
      {props.children}
    </StaffFrame>
  );
};
