import type { AccessReviewId, AccountRole, OrganizationId, PersonId } from '@bedside/protocol';

/** How whoever acted stood to the patient, in the time under review; `none`: not at all, as far as the records tell. */
export type Relation = 'own' | 'visit' | 'proxy' | 'care-team' | 'cover' | 'emergency' | 'none' | 'no-patient';

/** What somebody did, counted. */
export interface Activity {
  readonly action: string;
  readonly relation: Relation;
  readonly done: number;
  readonly denied: number;
  /** Different patients. */
  readonly patients: number;
  readonly lastAt: string;
}

/** Somebody who can see more than their own record. */
export interface ReviewedAccount {
  readonly id: PersonId;
  readonly name: string;
  readonly isActive: boolean;
  readonly roles: readonly AccountRole[];
  readonly since: string;
  readonly activity: readonly Activity[];
}

export interface ReviewedMachine {
  readonly id: PersonId;
  readonly label: string;
  readonly actions: readonly string[];
  readonly since: string;
  readonly revokedAt: string | undefined;
}

/** A relationship that was in force at some time under review. */
export interface ReviewedRelationship {
  readonly kind: 'proxy' | 'guardian' | 'care-team' | 'cover';
  readonly personId: PersonId;
  /** A patient, or the provider who is stood in for. */
  readonly ofId: PersonId;
  readonly from: string;
  readonly to: string | undefined;
}

export interface ReviewedEmergency {
  readonly personId: PersonId;
  readonly patientId: PersonId;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

/** A record that somebody else than its patient asked for a copy of. */
export interface ReviewedExport {
  readonly personId: PersonId;
  readonly patientId: PersonId;
  readonly reason: string;
  readonly at: string;
}

/** Something that a reviewer has to look at. */
export interface Finding {
  readonly kind:
    | 'dormant'
    | 'unused'
    | 'no-relation'
    | 'many-denials'
    | 'several-powers'
    | 'closed-and-acted'
    | 'break-glass'
    | 'machine-unused';
  readonly personId: PersonId;
  readonly detail: string;
}

export interface ReviewFacts {
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  readonly accounts: readonly ReviewedAccount[];
  /** Those who can see their own record alone. */
  readonly patientAccounts: { readonly active: number; readonly closed: number };
  readonly machines: readonly ReviewedMachine[];
  readonly relationships: readonly ReviewedRelationship[];
  readonly emergencies: readonly ReviewedEmergency[];
  readonly exports: readonly ReviewedExport[];
}

/** What the file holds, as JSON. */
export interface AccessReviewReport extends ReviewFacts {
  readonly format: 'bedside-access-review/1';
  readonly id: AccessReviewId;
  readonly period: { readonly from: string; readonly to: string };
  readonly madeAt: string;
  /** What each role may do at all, by the policy of this release. */
  readonly rights: Readonly<Record<string, readonly string[]>>;
  readonly findings: readonly Finding[];
}

const DENIALS_MANY = 10;
/** Whose work is with patients whom nothing else connects them with. */
const FOR_THE_HOUSE: ReadonlySet<AccountRole> = new Set(['front-desk', 'admin', 'compliance']);

const sum = (activity: readonly Activity[], of: (one: Activity) => number): number =>
  activity.reduce((total, one) => total + of(one), 0);

const findingsOf = (account: ReviewedAccount): Finding[] => {
  const { id: personId, activity, roles } = account;
  const findings: Finding[] = [];
  const add = (kind: Finding['kind'], detail: string) => findings.push({ kind, personId, detail });
  const done = sum(activity, (one) => one.done);
  const denied = sum(activity, (one) => one.denied);
  const isMachine = roles.includes('service');
  if (account.isActive && !isMachine && done + denied === 0) add('dormant', 'The account is open and did nothing.');
  else if (
    account.isActive &&
    !isMachine &&
    sum(activity, (one) => (one.relation === 'no-patient' ? 0 : one.done)) === 0
  )
    add('unused', 'Signed in, and used none of its rights over records.');
  if (!account.isActive && done > 0) add('closed-and-acted', `${done} acts of an account that is closed now.`);
  if (denied >= DENIALS_MANY) add('many-denials', `${denied} refusals.`);
  if (roles.includes('admin') && roles.includes('compliance'))
    add('several-powers', 'Gives rights, and looks at how they are used.');
  const strangers = activity.filter(({ relation, done: acts }) => relation === 'none' && acts > 0);
  if (strangers.length > 0 && !roles.some((role) => FOR_THE_HOUSE.has(role)))
    add(
      'no-relation',
      `${sum(strangers, (one) => one.done)} acts on records of patients with whom nothing connects them.`,
    );
  return findings;
};

/** Everything that a reviewer has to look at, by account. */
export const reviewFindings = (facts: ReviewFacts): Finding[] => {
  const active = new Set(facts.accounts.filter(({ activity }) => activity.length > 0).map(({ id }) => id));
  return [
    ...facts.accounts.flatMap(findingsOf),
    ...facts.emergencies.map(
      ({ personId, from }): Finding => ({
        kind: 'break-glass',
        personId,
        detail: `Opened a record in an emergency on ${from}.`,
      }),
    ),
    ...facts.machines
      .filter(({ id, revokedAt }) => revokedAt === undefined && !active.has(id))
      .map(({ id, label }): Finding => ({ kind: 'machine-unused', personId: id, detail: `${label} did nothing.` })),
  ];
};

/** The quarter of a year before the one that `now` is in, in UTC. */
export const lastQuarter = (now: Date): { from: Date; to: Date } => {
  const month = Math.floor(now.getUTCMonth() / 3) * 3;
  return {
    from: new Date(Date.UTC(now.getUTCFullYear(), month - 3)),
    to: new Date(Date.UTC(now.getUTCFullYear(), month)),
  };
};
