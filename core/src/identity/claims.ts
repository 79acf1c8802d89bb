import type { AccountRole } from '@bedside/protocol';
import type { ClaimPath, IssuerConfig, Linking } from './issuer-config.ts';

/** What an issuer says of somebody, checked for who says it and to whom. */
export type Claims = Readonly<Record<string, unknown>>;

const MAX_GROUPS = 1_000;

/** The claim at a path; a name is taken as it is, dots and slashes included. */
export const claimAt = (claims: Claims, path: ClaimPath): unknown => {
  let value: unknown = claims;
  for (const name of [path].flat()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
};

/** The roles that the groups in the claims stand for. No claim, no groups: what nobody states, nobody has. */
export const statedRoles = (claims: Claims, groups: IssuerConfig['groups']): ReadonlySet<AccountRole> => {
  if (groups === undefined) return new Set();
  const value = claimAt(claims, groups.claim);
  const names = (Array.isArray(value) ? value.slice(0, MAX_GROUPS) : [value]).filter(
    (name) => typeof name === 'string',
  );
  return new Set(
    names.flatMap((name) => (Object.hasOwn(groups.roles, name) ? [groups.roles[name] as AccountRole] : [])),
  );
};

/** By what a person is to be found, as far as the issuer vouches for it. */
export type LinkEvidence = { readonly email: string } | { readonly key: string };

/** Undefined where the claims do not vouch: an address counts when `email_verified` is `true`, and not `"true"`. */
export const linkEvidence = (claims: Claims, linking: Linking): LinkEvidence | undefined => {
  if (linking.by === 'email') {
    const { email, email_verified: isVerified } = claims;
    return typeof email === 'string' && email.length <= 320 && isVerified === true ? { email } : undefined;
  }
  const key = claimAt(claims, linking.claim);
  return typeof key === 'string' && key.length > 0 && key.length <= 100 ? { key } : undefined;
};

/** Whether all that is asked of the claims stands in the ID token, so that userinfo need not be asked. */
export const isComplete = (claims: Claims, issuer: Pick<IssuerConfig, 'groups' | 'linking'>): boolean =>
  (issuer.groups === undefined || claimAt(claims, issuer.groups.claim) !== undefined) &&
  (issuer.linking === undefined ||
    (issuer.linking.by === 'email'
      ? 'email' in claims && 'email_verified' in claims
      : claimAt(claims, issuer.linking.claim) !== undefined));
