import { createHash, randomUUID } from 'node:crypto';
import { OperatorError, silentLogger, systemClock } from '@bedside/kit';
import { AccessReviewId, AccountRole, type OrganizationId, type PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { audit, systemActor } from '../../audit/audit.ts';
import type { PhiConfig } from '../../config.ts';
import { Database, type Db } from '../../db/database.ts';
import { createPhi } from '../../phi/create-phi.ts';
import type { PhiEvents } from '../../phi/phi.ts';
import { actionsOf } from '../../policy/policy.ts';
import { toMarkdown } from './markdown.ts';
import { type AccessReviewReport, lastQuarter, reviewFindings } from './model.ts';
import { findReviewByHash, insertSignature, readReviewFacts } from './store.ts';

export interface AccessReviewFiles {
  readonly id: AccessReviewId;
  /** What a signature holds for, byte for byte. */
  readonly json: string;
  readonly markdown: string;
  readonly findings: number;
}

/** What whoever runs Bedside does with access reviews, from the machine itself. Each act stands in the audit trail. */
export interface AccessReviewAdmin extends AsyncDisposable {
  /** `organizationKey` where there are several. Without a period: the last whole quarter. Throws `OperatorError`. */
  make(what: {
    readonly organizationKey: string | undefined;
    readonly from: Date | undefined;
    readonly to: Date | undefined;
  }): Promise<AccessReviewFiles>;
  /** Signs the file for somebody of compliance or administration. Throws `OperatorError` where it is no file of ours. */
  signOff(what: { readonly file: Uint8Array; readonly by: string; readonly remark: string | undefined }): Promise<void>;
}

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const SIGNERS: readonly AccountRole[] = ['admin', 'compliance'];

/** A review tells of what is erased or altered in its own words, and fails where the keys are away. */
const UNHEARD: PhiEvents = { kekAway: () => undefined, altered: () => undefined };

/** On a database that core has migrated. `role`: what connections take on. `phi`: to open the reasons that it tells. */
export const openAccessReviewAdmin = (options: {
  readonly databaseUrl: string;
  readonly role: string | undefined;
  readonly phi: PhiConfig;
  readonly clock?: () => number;
}): AccessReviewAdmin => {
  const clock = options.clock ?? systemClock;
  const database = Database.open({
    url: options.databaseUrl,
    poolSize: 2,
    role: options.role,
    clock,
    log: silentLogger,
  });
  const phi = createPhi(options.phi, { clock, events: UNHEARD });
  return {
    make: async ({ organizationKey, from, to }) => {
      const organizationId = await findOrganization(database, organizationKey);
      const now = new Date(clock());
      const quarter = lastQuarter(now);
      const period = { from: from ?? quarter.from, to: to ?? quarter.to };
      if (period.to <= period.from) throw new OperatorError('--to must be later than --from.');
      const { db: scoped } = database.asSystem('review', { organizationId });
      // One look at everything: what is written meanwhile belongs to the next review.
      return scoped
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (db) => {
          await sql`SET LOCAL statement_timeout = 0`.execute(db);
          const facts = await readReviewFacts(phi, db, { organizationId, ...period });
          const findings = reviewFindings(facts);
          const id = AccessReviewId.parse(randomUUID());
          const report: AccessReviewReport = {
            format: 'bedside-access-review/1',
            id,
            period: { from: period.from.toISOString(), to: period.to.toISOString() },
            madeAt: now.toISOString(),
            findings,
            rights: Object.fromEntries(AccountRole.options.map((role) => [role, actionsOf(role)])),
            ...facts,
          };
          const json = `${JSON.stringify(report, null, 1)}\n`;
          const sha256 = sha256Hex(json);
          await db
            .insertInto('accessReviews')
            .values({
              id,
              organizationId,
              periodFrom: period.from,
              periodTo: period.to,
              madeAt: now,
              sha256,
              accounts: facts.accounts.length,
              findings: findings.length,
            })
            .execute();
          await audit(db, {
            at: now,
            actor: systemActor(organizationId),
            action: 'access-review.make',
            resource: { type: 'access-review', id },
            reason: 'command-line',
          });
          return { id, json, markdown: toMarkdown(report, sha256), findings: findings.length };
        });
    },
    signOff: async ({ file, by, remark }) => {
      const sha256 = sha256Hex(file);
      for (const organizationId of await organizationIds(database)) {
        const scoped = database.asSystem('review', { organizationId });
        const review = await findReviewByHash(scoped.db, sha256);
        if (review === undefined) continue;
        const signedBy = await findSigner(scoped.db, { organizationId, by });
        const signedAt = new Date(clock());
        await scoped.transaction(async ({ db }) => {
          if (!(await insertSignature(db, { reviewId: review.id, organizationId, signedBy, remark, signedAt })))
            throw new OperatorError('They have signed this review before.');
          await audit(db, {
            at: signedAt,
            actor: { ...systemActor(organizationId), personId: signedBy },
            action: 'access-review.sign',
            resource: { type: 'access-review', id: review.id },
            reason: 'command-line',
          });
        });
        return;
      }
      throw new OperatorError('This file is no access review of this Bedside, or it was changed after it was made.');
    },
    [Symbol.asyncDispose]: async () => {
      await phi.close();
      await database.close();
    },
  };
};

const organizationIds = async (database: Database): Promise<OrganizationId[]> =>
  (await database.asSystem('review').db.selectFrom('organizations').select('id').orderBy('key').execute()).map(
    (row) => row.id,
  );

const findOrganization = async (database: Database, key: string | undefined): Promise<OrganizationId> => {
  const rows = await database.asSystem('review').db.selectFrom('organizations').select(['id', 'key']).execute();
  const [only, ...others] = key === undefined ? rows : rows.filter((row) => row.key === key);
  if (only === undefined) throw new OperatorError('There is no such organization.');
  if (others.length > 0) throw new OperatorError('There are several organizations: name one by --organization KEY.');
  return only.id;
};

/** By the key that set-up knows them by, or by their id. */
const findSigner = async (
  db: Db,
  { organizationId, by }: { readonly organizationId: OrganizationId; readonly by: string },
): Promise<PersonId> => {
  const person = await db
    .selectFrom('people')
    .innerJoin('accountRoles', 'accountRoles.personId', 'people.id')
    .where('people.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .where('accountRoles.role', 'in', SIGNERS)
    .where((eb) => eb.or([eb('people.key', '=', by), eb(sql<string>`people.id::text`, '=', by)]))
    .select('people.id')
    .executeTakeFirst();
  if (person === undefined) throw new OperatorError('--by names nobody of compliance or administration there.');
  return person.id;
};
