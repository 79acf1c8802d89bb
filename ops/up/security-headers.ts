const wsOrigin = (site: URL): string => `${site.protocol === 'https:' ? 'wss:' : 'ws:'}//${site.host}`;

/** Features of the browser that pages use (Permissions Policy). */
const USED = [
  'autoplay',
  'camera',
  'display-capture',
  'fullscreen',
  'microphone',
  'picture-in-picture',
  'screen-wake-lock',
  'speaker-selection',
];
/** All others that browsers know by now: a page that was made to run somebody's script reaches no other device or sensor. */
const UNUSED = [
  'accelerometer',
  'clipboard-read',
  'cross-origin-isolated',
  'encrypted-media',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'magnetometer',
  'midi',
  'otp-credentials',
  'payment',
  'serial',
  'storage-access',
  'sync-xhr',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];

/** On pages and their files. `embedders`: origins whose pages may show ours in a frame; none by default. */
export const pageHeaders = (site: URL, embedders: readonly string[] = []): ReadonlyMap<string, string> =>
  new Map([
    [
      'content-security-policy',
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob: mediastream:",
        "worker-src 'self'",
        "manifest-src 'self'",
        `connect-src 'self' ${wsOrigin(site)}`,
        "base-uri 'none'",
        "form-action 'self'",
        `frame-ancestors ${embedders.length === 0 ? "'none'" : embedders.join(' ')}`,
        // No text becomes markup or script anywhere in a page, not even by a mistake of ours.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join('; '),
    ],
    // Nothing of another site is loaded, so a page shares its process with nobody (HTML Living Standard §7.1.4).
    ['cross-origin-embedder-policy', 'require-corp'],
    [
      'permissions-policy',
      [...USED.map((feature) => `${feature}=(self)`), ...UNUSED.map((feature) => `${feature}=()`)].join(', '),
    ],
  ]);
