import { useEffect, useState } from 'preact/hooks';
import { type Loaded, useLoaded } from './use-loaded.ts';

/** What a page of a list has, and the cursor of the next. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
}

/** Asked for at once, at the most: somebody who wants more filters. */
const MAX_PAGES = 10;

/** A list as far as somebody looked into it, all of which `reload` asks for again. Another `key` begins anew. */
export const usePages = <Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
  key = '',
): Pick<Loaded<Page<Item>>, 'error' | 'reload'> & {
  readonly items: readonly Item[] | undefined;
  /** Absent where there is nothing further. */
  readonly more: (() => void) | undefined;
} => {
  const [asked, setAsked] = useState({ key, pages: 1 });
  const pages = asked.key === key ? asked.pages : 1;
  const { value, error, reload } = useLoaded(async () => {
    const items: Item[] = [];
    let next: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const answer = await fetchPage(next);
      items.push(...answer.items);
      next = answer.next;
      if (next === undefined) break;
    }
    return { items, next };
  }, key);
  useEffect(() => {
    if (pages > 1) reload();
  }, [pages, reload]);
  const hasMore = value?.next !== undefined && pages < MAX_PAGES;
  return {
    items: value?.items,
    error,
    reload,
    more: hasMore ? () => setAsked({ key, pages: pages + 1 }) : undefined,
  };
};
