import { AppError } from '@bedside/protocol';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface RequestHead {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Lets through writes that this site's own pages send (SPEC API2): what the browser says of where they come from —
 * `Origin`, `Sec-Fetch-Site` — has to be there and to fit, and the body has to be of a type that no form can send.
 * Throws `cross_site`, `unsupported_media_type`.
 */
export const refuseCrossSite = (request: RequestHead, allowedOrigins: readonly string[]): void => {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin, 'sec-fetch-site': site, 'content-type': type } = request.headers;
  const originFits = origin === undefined ? undefined : typeof origin === 'string' && allowedOrigins.includes(origin);
  const siteFits = site === undefined ? undefined : site === 'same-origin';
  if (originFits === false || siteFits === false || (originFits ?? siteFits) === undefined)
    throw new AppError('cross_site');
  if (request.method === 'DELETE' && type === undefined) return;
  if (typeof type !== 'string' || !/^application\/json\s*(;|$)/i.test(type))
    throw new AppError('unsupported_media_type');
};

/**
 * Lets a sign-in begin and end only where the browser itself goes there: another site's frame, picture or script that
 * asks for it would sign somebody in, or out of a visit, behind their back. Throws `cross_site`.
 */
export const refuseEmbedded = (request: RequestHead): void => {
  const { 'sec-fetch-dest': destination } = request.headers;
  if (destination !== undefined && destination !== 'document') throw new AppError('cross_site');
};
