import { AppError, type OrganizationId, type PayerId, type VisitTypeId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { PayerRuleFact } from './rules.ts';

/** What says whether a payer pays for a visit type. Errors: `bad_request` where there is no such payer. */
export const payerRulesFor = async (
  db: Db,
  which: {
    readonly organizationId: OrganizationId;
    readonly visitTypeId: VisitTypeId;
    readonly payerId: PayerId;
  },
): Promise<{ payerId: PayerId; selfPay: boolean; rules: PayerRuleFact[] }> => {
  const { organizationId, visitTypeId, payerId } = which;
  const payer = await db
    .selectFrom('payers')
    .where('id', '=', payerId)
    .where('organizationId', '=', organizationId)
    .where('isActive', '=', true)
    .select('id')
    .executeTakeFirst();
  if (payer === undefined)
    throw new AppError('bad_request', { detail: 'payerId: must name a payer of the organization.' });
  const rules = await db
    .selectFrom('payerRules')
    .where('organizationId', '=', organizationId)
    .where((where) => where.or([where('visitTypeId', 'is', null), where('visitTypeId', '=', visitTypeId)]))
    .select(['payerId', 'visitTypeId', 'region', 'effect', 'validFrom', 'validTo'])
    .execute();
  // Somebody pays: whether the patient may do so themselves is not asked.
  return { payerId, selfPay: false, rules };
};
