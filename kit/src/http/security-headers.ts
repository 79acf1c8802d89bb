const YEAR_SECONDS = 31_536_000;

/**
 * On every answer of every server, whoever gives it; a part may set a stricter value of its own. `site` is where browsers
 * reach it: HSTS is for https alone (RFC 6797 §7.2). Nothing is kept by anybody unless the part that answers says so.
 */
export const commonHeaders = (site: URL): ReadonlyMap<string, string> => {
  const headers = new Map([
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    // Paths name visits: they go to no other site.
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['x-frame-options', 'DENY'],
    ['x-permitted-cross-domain-policies', 'none'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"],
  ]);
  if (site.protocol === 'https:')
    headers.set('strict-transport-security', `max-age=${YEAR_SECONDS}; includeSubDomains`);
  return headers;
};
