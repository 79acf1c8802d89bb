import { useEffect, useState } from 'preact/hooks';
import { noteSignedOut } from '../../session.ts';
import { type BookApi, BookModel } from './book-model.ts';

/** A way to a booked visit for as long as the page shows; whoever leaves the page lets a held time go. */
export const useBookModel = (api: BookApi): BookModel => {
  const [model] = useState(() => new BookModel({ api, onRefused: noteSignedOut }));
  useEffect(() => {
    const abandon = () => model.abandon();
    addEventListener('pagehide', abandon);
    return () => {
      removeEventListener('pagehide', abandon);
      model.close();
    };
  }, [model]);
  return model;
};
