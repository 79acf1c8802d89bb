import { AccountRole, IssuerAudience } from '@bedside/protocol';
import { z } from 'zod';
import type { Capacity } from './session-model.ts';
import { StepUpRule } from './step-up.ts';

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** Plain http would show codes and tokens to the network; on the machine itself there is none. */
export const isSecureOrLocal = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL_HOSTS.includes(url.hostname));
};

/** A claim by its name, which may be a URL, or by the names on the way to it where it is nested. */
const ClaimPath = z.union([z.string().min(1).max(300), z.array(z.string().min(1).max(300)).min(1).max(5)]);
export type ClaimPath = z.infer<typeof ClaimPath>;

/** How an unknown identity finds the person it belongs to. Either way it takes what the issuer vouches for. */
const Linking = z.discriminatedUnion('by', [
  /** The address of exactly one person, and the issuer says that it is theirs (`email_verified`). */
  z.strictObject({ by: z.literal('email') }),
  /** A claim of the site's own that holds the key under which the person was set up. */
  z.strictObject({ by: z.literal('claim'), claim: ClaimPath }),
]);
export type Linking = z.infer<typeof Linking>;

const IssuerEntry = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
    label: z.string().min(1).max(80),
    issuer: z.string().max(500).refine(isSecureOrLocal, 'must start with https:// (http:// only for localhost)'),
    clientId: z.string().min(1).max(200),
    clientSecret: z.string().min(1).max(500).optional(),
    clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
    /** Key of the one organization whose people it signs in; absent: whoever has an identity there. */
    organization: z.string().min(1).max(100).optional(),
    for: z.array(IssuerAudience).min(1),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/))
      .max(20)
      .default([]),
    groups: z
      .strictObject({ claim: ClaimPath, roles: z.record(z.string().min(1).max(300), AccountRole.exclude(['service'])) })
      .optional(),
    linking: Linking.optional(),
    stepUp: StepUpRule.default({ by: 'sign-in' }),
  })
  .refine((entry) => entry.linking === undefined || entry.organization !== undefined, {
    path: ['organization'],
    message: 'is needed where people are linked',
  })
  .refine(
    (entry) =>
      Object.values(entry.groups?.roles ?? {}).every((role) =>
        entry.for.includes(role === 'patient' ? 'patients' : 'staff'),
      ),
    { path: ['groups', 'roles'], message: 'must not give a role to people whom the issuer does not sign in' },
  );

const IssuersFile = z
  .strictObject({ issuers: z.array(IssuerEntry).min(1).max(20) })
  .refine(({ issuers }) => new Set(issuers.map((entry) => entry.id)).size === issuers.length, 'ids must differ')
  .refine(
    ({ issuers }) => new Set(issuers.map((entry) => entry.issuer)).size === issuers.length,
    'no two entries may have the same issuer',
  );

/** One OIDC issuer, as configured. */
export interface IssuerConfig extends z.infer<typeof IssuerEntry> {
  /** Where it sends people back to, below the public URL; a path of its own for each, so that none passes for another. */
  readonly callbackPath: string;
}

export const CALLBACK_PATH = '/auth/callback';

/** Parses the text of the issuers' file. Answers what is wrong with it by field, never with what stands there. */
export const parseIssuers = (
  text: string,
): { readonly issuers: readonly IssuerConfig[] } | { readonly problems: readonly string[] } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ['is not JSON'] };
  }
  const parsed = IssuersFile.safeParse(value);
  if (!parsed.success)
    return { problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
  return { issuers: parsed.data.issuers.map((entry) => ({ ...entry, callbackPath: `${CALLBACK_PATH}/${entry.id}` })) };
};

/** The only issuer: everybody signs in there, in whatever capacity they have. */
export const onlyIssuer = (given: {
  issuer: string;
  clientId: string;
  clientSecret?: string | undefined;
  stepUpAcr?: readonly string[];
}): IssuerConfig => ({
  id: 'main',
  label: 'Sign in',
  issuer: given.issuer,
  clientId: given.clientId,
  ...(given.clientSecret === undefined ? {} : { clientSecret: given.clientSecret }),
  clientAuthentication: 'client_secret_basic',
  for: ['staff', 'patients'],
  scopes: [],
  stepUp: given.stepUpAcr?.length ? { by: 'acr', values: [...given.stepUpAcr] } : { by: 'sign-in' },
  callbackPath: CALLBACK_PATH,
});

export const capacityOf = (issuer: Pick<IssuerConfig, 'for'>): Capacity => {
  if (issuer.for.includes('staff')) return issuer.for.includes('patients') ? 'any' : 'staff';
  return 'patient';
};
