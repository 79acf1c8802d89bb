import type { ComponentChildren, JSX } from 'preact';
import type { ApiError } from '../../api/http.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { StaffPage } from './staff-page.tsx';

interface Listed<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly error: ApiError | undefined;
  /** Absent where there is nothing further. */
  readonly more?: (() => void) | undefined;
}

/** A page of those who work here that is one list. */
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
  /** Dialogs that are open. */
  children?: ComponentChildren;
}): JSX.Element => {
  const { list, loading, none, item, children, ...page } = props;
  return (
    <StaffPage {...page} questions={children}>
      {list.error && <Notice tone="danger">{list.error.message}</Notice>}
      {!list.items && !list.error && <Loading words={loading} />}
      {list.items?.length === 0 && <p class="soft">{none}</p>}
      <ul class="rules">{list.items?.map((one) => item(one))}</ul>
      <ShowMore more={list.more} />
    </StaffPage>
  );
};
