import { createHash } from 'node:crypto';

const NAMES = ['__Host-bedside_session', 'bedside_session'];
/** More cookies of these names than a browser sends. */
const MAX_CANDIDATES = 4;

/**
 * base64url SHA-256 of each browser session's cookie in a `Cookie` header (RFC 6265 §4.2). There can be several: a
 * browser sends cookies of all paths and of parent domains.
 */
export const sessionHashes = (cookieHeader: string | undefined): readonly string[] => {
  const values: string[] = [];
  for (const pair of (cookieHeader ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || !NAMES.includes(pair.slice(0, equals).trim())) continue;
    const value = pair.slice(equals + 1).trim();
    if (value !== '') values.push(value);
    if (values.length === MAX_CANDIDATES) break;
  }
  return values.map((value) => createHash('sha256').update(value).digest('base64url'));
};
