import type { JSX } from 'preact';

/** The mark: the arch of a bed's head, and somebody in it. */
const Mark = (): JSX.Element => (
  <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" fill="#0d5f54" />
    <path
      d="M7 23v-4.5a9 9 0 0 1 18 0V23M12.2 23h7.6"
      fill="none"
      stroke="#fff"
      stroke-width="2.6"
      stroke-linecap="round"
    />
    <circle cx="16" cy="17" r="2.7" fill="#f3b98a" />
  </svg>
);

export const Brand = ({ clinic }: { clinic?: string | undefined }): JSX.Element => (
  <a class="brand" href="/">
    <Mark />
    <span>Bedside</span>
    {clinic && <span class="brand__clinic">{clinic}</span>}
  </a>
);
