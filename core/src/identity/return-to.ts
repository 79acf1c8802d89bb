import { AppError } from '@bedside/protocol';

const MAX_LENGTH = 500;

/**
 * Where to go after signing in: a path of this site, with query, and nothing else. Throws `bad_request` for what could
 * lead away from it (`//host`, `/\host`, control characters that browsers drop, a scheme).
 */
export const parseReturnTo = (value: string | undefined): string => {
  if (value === undefined || value === '') return '/';
  const refused = new AppError('bad_request', { detail: 'return_to: must be a path of this site, like /visit.' });
  if (value.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x7e]*$/.test(value) || value.includes('\\')) throw refused;
  const here = 'https://here.invalid';
  const url = URL.canParse(value, here) ? new URL(value, here) : undefined;
  if (url?.origin !== here || url.pathname.startsWith('//')) throw refused;
  return `${url.pathname}${url.search}${url.hash}`;
};
