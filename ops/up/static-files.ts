import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { OperatorError } from '@bedside/kit';
import sirv from 'sirv';
import { answerText } from './edge-answers.ts';

const FOREVER = 'public, max-age=31536000, immutable';

/** Somebody opens a page, as opposed to a page that fetches a file: only they are helped by getting the app. */
const isNavigation = (req: IncomingMessage): boolean => (req.headers.accept ?? '').includes('text/html');

/**
 * Serves the built pages of `dir`, compressed where `precompress` left a compressed copy. A path that is no file gives
 * the app (`index.html`), whose router knows what to show; a file that is missing is 404, so that an old page never
 * takes HTML for a script. Files below `/assets/` carry a hash of their content in their name and are kept for ever.
 */
export const createStaticFiles = (options: { dir: string; headers: ReadonlyMap<string, string> }) => {
  if (!existsSync(join(options.dir, 'index.html'))) {
    throw new OperatorError(
      `There are no built pages in ${options.dir}. Build them first: npm start does it, or npm run build`,
    );
  }
  const serve = sirv(options.dir, {
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders: (res, path) => {
      res.setHeader('cache-control', path.startsWith('/assets/') ? FOREVER : 'no-cache');
    },
  });
  return (req: IncomingMessage, res: ServerResponse): void => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      answerText(res, 405, 'This address only gives.', { allow: 'GET, HEAD' });
      return;
    }
    // On a 304 too: a browser takes the headers of what it keeps from there.
    res.setHeaders(new Map(options.headers));
    // A page is small enough to be sent whole; sirv's parser of ranges takes anything.
    delete req.headers.range;
    const missing = () => answerText(res, 404, 'There is nothing here.');
    serve(req, res, () => {
      if (!isNavigation(req) || /\.\w+$/.test(req.url?.split('?', 1)[0] ?? '')) return missing();
      req.url = '/';
      serve(req, res, missing);
    });
  };
};
