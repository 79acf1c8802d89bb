import type { IssuerConfig } from '../../src/identity/issuer-config.ts';
import { parseIssuers } from '../../src/identity/issuer-config.ts';
import { Browser } from './browser.ts';
import { type Clinic, START, startClinic } from './clinic.ts';
import { SmallIssuer } from './small-issuer.ts';

/** What the issuers' file says, through the parser that reads it. */
export const issuersOf = (...entries: readonly Record<string, unknown>[]): readonly IssuerConfig[] => {
  const parsed = parseIssuers(JSON.stringify({ issuers: entries }));
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.issuers;
};

export const smallEntry = (issuer: SmallIssuer, change: Record<string, unknown> = {}) => ({
  id: 'small',
  label: 'Small',
  issuer: issuer.url,
  clientId: issuer.clientId,
  clientSecret: issuer.clientSecret,
  clientAuthentication: 'client_secret_post',
  for: ['staff', 'patients'],
  ...change,
});

export interface SmallClinic extends AsyncDisposable {
  readonly clinic: Clinic;
  readonly small: SmallIssuer;
  /** Signs in, the browser's cookies kept; answers where it led: the home page's address with its word, if any. */
  signIn(browser?: Browser, query?: string): Promise<{ browser: Browser; location: string }>;
  readonly callbackPath: string;
}

/** A clinic whose people sign in at a small issuer that goes by the clinic's clock. */
export const startSmallClinic = async (
  options: {
    readonly entry?: Record<string, unknown>;
    readonly algorithm?: string;
    readonly offers?: readonly string[];
    readonly others?: (origin: string) => Promise<readonly Record<string, unknown>[]>;
  } = {},
): Promise<SmallClinic> => {
  let clinic: Clinic | undefined;
  const { entry, others, ...shape } = options;
  const small = await SmallIssuer.start({ clock: () => clinic?.clock.now ?? START, ...shape });
  const running = await startClinic(async (origin) => ({
    issuers: issuersOf(smallEntry(small, entry), ...((await others?.(origin)) ?? [])),
  }));
  clinic = running;
  const callbackPath = '/auth/callback/small';
  return {
    clinic: running,
    small,
    callbackPath,
    signIn: async (browser = new Browser(running.origin), query = '') => {
      const atHome = (location: string) => location.startsWith(running.origin) && !location.includes('/auth/callback');
      const { answer } = await browser.follow(`/auth/login?issuer=small${query}`, atHome);
      return { browser, location: answer.headers.get('location') ?? '' };
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await small[Symbol.asyncDispose]();
    },
  };
};
