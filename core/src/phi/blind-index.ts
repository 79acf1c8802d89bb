import { createHmac, randomBytes } from 'node:crypto';
import type { OrganizationId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import { KEY_BYTES, lengthPrefixed } from './envelope.ts';
import type { KekRing } from './kek/ring.ts';
import { blindIndexContext } from './rotation-store.ts';

const find = (db: Db, organizationId: OrganizationId) =>
  db
    .selectFrom('blindIndexKeys')
    .where('organizationId', '=', organizationId)
    .select(['kekId', 'wrapped'])
    .executeTakeFirst();

export interface IndexKeyOptions {
  readonly ring: KekRing;
  readonly organizationId: OrganizationId;
  readonly activeKek: () => Promise<string>;
  readonly now: Date;
}

/**
 * The organization's key for blind indexes, made where there is none; the caller's to overwrite. It is another one than
 * any data key, and as long-lived as the indexes themselves. Throws `KekAway`, `SealBroken`.
 */
export const indexKey = async (db: Db, options: IndexKeyOptions): Promise<Buffer> => {
  const { ring, organizationId, now } = options;
  const context = blindIndexContext(organizationId);
  const known = await find(db, organizationId);
  if (known !== undefined) return ring.unwrap(known.kekId, known.wrapped, context);
  const kekId = await options.activeKek();
  const fresh = randomBytes(KEY_BYTES);
  const wrapped = await ring.wrap(kekId, fresh, context);
  fresh.fill(0);
  await db
    .insertInto('blindIndexKeys')
    .values({ organizationId, kekId, wrapped, madeAt: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // Another one may have been first.
  const made = await find(db, organizationId);
  if (made === undefined) throw new Error('An index key that was made is not there.');
  return ring.unwrap(made.kekId, made.wrapped, context);
};

/** 32 bytes that are the same for the same parts, and tell nothing of them without the key (HMAC-SHA256). */
export const blindIndexOf = (key: Buffer, ...parts: readonly string[]): Buffer =>
  createHmac('sha256', key)
    .update(lengthPrefixed('bedside-blind-index', ...parts))
    .digest();
