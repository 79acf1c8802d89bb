/** On every answer, whoever gives it; a part may set a stricter value of its own. */
export const commonHeaders = (site: URL): Map<string, string> => {
  const headers = new Map([
    ['x-content-type-options', 'nosniff'],
    // Paths name visits: they go to no other site.
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['x-frame-options', 'DENY'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"],
  ]);
  if (site.protocol === 'https:') headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
  return headers;
};

const wsOrigin = (site: URL): string => `${site.protocol === 'https:' ? 'wss:' : 'ws:'}//${site.host}`;

/** Features of the browser that pages may use, and those that nothing here needs (Permissions Policy). */
const USED = [
  'camera',
  'microphone',
  'display-capture',
  'fullscreen',
  'autoplay',
  'picture-in-picture',
  'screen-wake-lock',
  'speaker-selection',
];
const UNUSED = ['geolocation', 'payment', 'usb', 'serial', 'hid', 'midi', 'accelerometer', 'gyroscope', 'magnetometer'];

/** On pages and their files. */
export const pageHeaders = (site: URL): Map<string, string> =>
  new Map([
    [
      'content-security-policy',
      [
        "default-src 'self'",
        `connect-src 'self' ${wsOrigin(site)}`,
        "media-src 'self' blob: mediastream:",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join('; '),
    ],
    [
      'permissions-policy',
      [...USED.map((feature) => `${feature}=(self)`), ...UNUSED.map((feature) => `${feature}=()`)].join(', '),
    ],
  ]);
