import { useEffect } from 'preact/hooks';

/** Generic words only: a title shows in task bars, histories and shared screens. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = `${title} · Bedside`;
  }, [title]);
};
