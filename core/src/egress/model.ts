import type { AgreementId, DataCategory } from '@bedside/protocol';

/** A row that lets data go to a host, as far as that question goes. Dates are `YYYY-MM-DD`, both inclusive. */
export interface AgreementTerms {
  readonly id: AgreementId;
  readonly categories: readonly DataCategory[];
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly endedAt: Date | null;
}

export type EgressRefusal = 'no-agreement' | 'not-in-force' | 'category-not-covered';
export type EgressDecision =
  | { readonly allowed: true; readonly agreementId: AgreementId }
  | { readonly allowed: false; readonly reason: EgressRefusal };

export const isInForce = (terms: Omit<AgreementTerms, 'id' | 'categories'>, today: string): boolean =>
  terms.endedAt === null && terms.validFrom <= today && (terms.validTo === null || today <= terms.validTo);

/** How long before its last day an agreement is spoken of. */
const WARNING_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

export const isExpiring = (terms: Omit<AgreementTerms, 'id' | 'categories'>, today: string): boolean =>
  isInForce(terms, today) &&
  terms.validTo !== null &&
  Date.parse(terms.validTo) - Date.parse(today) <= WARNING_DAYS * DAY_MS;

/** Whether data of these categories may go. `agreements` are those for the host; one of them has to cover all of it. */
export const decideEgress = (
  agreements: readonly AgreementTerms[],
  what: { readonly categories: readonly DataCategory[]; readonly today: string },
): EgressDecision => {
  if (agreements.length === 0) return { allowed: false, reason: 'no-agreement' };
  const inForce = agreements.filter((terms) => isInForce(terms, what.today));
  if (inForce.length === 0) return { allowed: false, reason: 'not-in-force' };
  const covering = inForce.find(({ categories }) => what.categories.every((category) => categories.includes(category)));
  return covering === undefined
    ? { allowed: false, reason: 'category-not-covered' }
    : { allowed: true, agreementId: covering.id };
};
