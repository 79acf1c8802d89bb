import type { AccountRole, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { type Actor, audit } from '../audit/audit.ts';
import type { Tx } from '../db/database.ts';
import { contactLookup } from '../notifications/contact-values.ts';
import type { Phi } from '../phi/phi.ts';
import { type LinkEvidence, linkEvidence, statedRoles } from './claims.ts';
import type { IssuerIdentity } from './issuer.ts';
import { capacityOf, type IssuerConfig } from './issuer-config.ts';
import { rolesIn } from './session-model.ts';
import { type Account, findAccount } from './store.ts';

const ACCOUNT_LOCK = 5;

/** Why somebody whom the issuer knows is not let in. Written into the trail. */
export type Refusal =
  | 'account-unknown'
  | 'account-closed'
  | 'account-elsewhere'
  | 'account-without-role'
  | 'ended-by-the-issuer'
  | 'link-ambiguous'
  | 'link-not-patient'
  | 'link-taken';

export type Admission =
  | { readonly kind: 'admitted'; readonly account: Account; readonly roles: readonly AccountRole[] }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly account: Account | undefined };

interface Arrival {
  readonly identity: IssuerIdentity;
  readonly issuer: IssuerConfig;
  readonly at: Date;
  readonly origin: Pick<Actor, 'address' | 'requestId'>;
  /** Addresses are sealed, and found by their blind index. */
  readonly phi: Phi;
}

/**
 * Finds the account of whoever the issuer vouches for, connecting them where the issuer may do that, and brings their
 * roles in line with what it states now. Runs in the transaction that opens their session; what it changed stands also
 * when they are refused.
 */
export const admit = async (tx: Tx, arrival: Arrival): Promise<Admission> => {
  const { identity, issuer } = arrival;
  let account = await findAccount(tx.db, identity);
  if (account === undefined) {
    const linked = await link(tx, arrival);
    if (typeof linked === 'string') return { kind: 'refused', reason: linked, account: undefined };
    account = linked;
  }
  if (!account.isActive) return { kind: 'refused', reason: 'account-closed', account };
  if (issuer.organization !== undefined && !(await isOf(tx, account, issuer.organization)))
    return { kind: 'refused', reason: 'account-elsewhere', account };
  if (issuer.groups !== undefined && (await followStatement(tx, account, arrival)))
    account = (await findAccount(tx.db, identity)) ?? account;
  const roles = rolesIn(capacityOf(issuer), account.roles);
  return roles.length === 0
    ? { kind: 'refused', reason: 'account-without-role', account }
    : { kind: 'admitted', account, roles };
};

/** One sign-in after the other changes who an account is. */
const lockAccount = async (tx: Tx, personId: PersonId): Promise<void> => {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${personId}, ${ACCOUNT_LOCK}))`.execute(tx.db);
};

const isOf = async (tx: Tx, account: Account, organizationKey: string): Promise<boolean> => {
  const row = await tx.db
    .selectFrom('organizations')
    .select('id')
    .where('key', '=', organizationKey)
    .where('id', '=', account.organizationId)
    .executeTakeFirst();
  return row !== undefined;
};

/** Those whom the evidence fits; two are enough to know that it does not say who. */
const candidates = async (
  tx: Tx,
  phi: Phi,
  { organizationId, evidence }: { organizationId: OrganizationId; evidence: LinkEvidence },
) => {
  const people = tx.db
    .selectFrom('people')
    .where('people.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .select([
      'people.id as personId',
      sql<AccountRole[]>`array(SELECT role FROM account_roles WHERE person_id = people.id)`.as('roles'),
    ])
    .limit(2);
  if ('key' in evidence) return people.where('people.key', '=', evidence.key).execute();
  const lookup = await contactLookup(phi, tx.db, { organizationId, system: 'email' }, evidence.email);
  return people
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('contactPoints')
          .select('contactPoints.id')
          .whereRef('contactPoints.personId', '=', 'people.id')
          .where('system', '=', 'email')
          .where('contactPoints.lookup', '=', lookup),
      ),
    )
    .execute();
};

/** Connects an identity with the one person it fits, or says why not. */
const link = async (tx: Tx, { identity, issuer, at, origin, phi }: Arrival): Promise<Account | Refusal> => {
  const evidence = issuer.linking && linkEvidence(identity.claims, issuer.linking);
  const organization =
    evidence &&
    (await tx.db
      .selectFrom('organizations')
      .select('id')
      .where('key', '=', issuer.organization ?? '')
      .executeTakeFirst());
  if (evidence === undefined || organization === undefined) return 'account-unknown';
  const [person, second] = await candidates(tx, phi, { organizationId: organization.id, evidence });
  if (person === undefined) return 'account-unknown';
  if (second !== undefined) return 'link-ambiguous';
  if (person.roles.includes('service')) return 'account-unknown';
  // Whoever can make an account at an issuer for patients must not get into one of staff by it.
  if (!issuer.for.includes('staff') && person.roles.some((role) => role !== 'patient')) return 'link-not-patient';
  const owner = { organizationId: organization.id, personId: person.personId };
  // Of two who come at once the second waits here, and finds the first's.
  await lockAccount(tx, person.personId);
  const taken = await tx.db
    .selectFrom('identities')
    .select('subject')
    .where('issuer', '=', identity.issuer)
    .where('personId', '=', person.personId)
    .where('subject', '<>', identity.subject)
    .executeTakeFirst();
  // An address that passed to somebody else must not take its former owner's account along.
  if (taken !== undefined) return 'link-taken';
  await tx.db
    .insertInto('identities')
    .values({ issuer: identity.issuer, subject: identity.subject, ...owner, createdAt: at })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
    .execute();
  await audit(tx.db, {
    at,
    actor: { ...owner, role: undefined, ...origin },
    action: 'identity.link',
    resource: { type: 'person', id: person.personId },
    reason: issuer.linking?.by === 'email' ? 'verified-email' : 'site-claim',
  });
  return (await findAccount(tx.db, identity)) ?? 'account-unknown';
};

/**
 * Gives the roles that the issuer states, and takes away those that it stated before and no longer does. Those that
 * were given here by hand are left alone. Answers whether anything changed.
 */
const followStatement = async (tx: Tx, account: Account, arrival: Arrival): Promise<boolean> => {
  const { identity, issuer, at, origin } = arrival;
  const { organizationId, personId } = account;
  const stated = [...rolesIn(capacityOf(issuer), [...statedRoles(identity.claims, issuer.groups)])];
  await lockAccount(tx, personId);
  const held = await tx.db
    .selectFrom('accountRoles')
    .select(['role', 'statedBy'])
    .where('personId', '=', personId)
    .execute();
  const gone = held.filter((row) => row.statedBy === identity.issuer && !stated.includes(row.role));
  const isNew = (role: AccountRole) => !held.some((row) => row.role === role);
  const given: AccountRole[] = [];
  for (const role of stated.filter(isNew)) if (await hasRecord(tx, personId, role)) given.push(role);
  if (gone.length > 0)
    await tx.db
      .deleteFrom('accountRoles')
      .where('personId', '=', personId)
      .where('statedBy', '=', identity.issuer)
      .where(
        'role',
        'in',
        gone.map((row) => row.role),
      )
      .execute();
  for (const role of given)
    await tx.db
      .insertInto('accountRoles')
      .values({ organizationId, personId, role, statedBy: identity.issuer })
      .onConflict((conflict) => conflict.columns(['personId', 'role']).doNothing())
      .execute();
  // What two issuers state belongs to the one that said it last: when that one stops, the other says it again.
  if (stated.length > 0)
    await tx.db
      .updateTable('accountRoles')
      .set({ statedBy: identity.issuer })
      .where('personId', '=', personId)
      .where('role', 'in', stated)
      .where('statedBy', 'is not', null)
      .where('statedBy', '<>', identity.issuer)
      .execute();
  const change = (action: string, role: AccountRole) => ({
    at,
    actor: { organizationId, personId, role: undefined, ...origin },
    action,
    resource: { type: 'role', id: role },
    reason: 'stated-by-issuer',
  });
  await audit(
    tx.db,
    ...gone.map((row) => change('role.take', row.role)),
    ...given.map((role) => change('role.give', role)),
  );
  return gone.length > 0 || given.length > 0;
};

/** Patients and providers have a record that the role alone does not make. */
const hasRecord = async (tx: Tx, personId: PersonId, role: AccountRole): Promise<boolean> => {
  if (role !== 'patient' && role !== 'provider') return true;
  const table = role === 'patient' ? ('patients' as const) : ('providers' as const);
  return (
    (await tx.db.selectFrom(table).select('personId').where('personId', '=', personId).executeTakeFirst()) !== undefined
  );
};
