import {
  AppError,
  type OrganizationId,
  type VisitType,
  type VisitTypeId,
  type VisitTypeSettings,
} from '@bedside/protocol';
import type { Db } from '../db/database.ts';

/** More types than this nobody can choose from. */
export const VISIT_TYPES_MAX = 500;

const PUBLIC_COLUMNS = [
  'id',
  'name',
  'modality',
  'durationMinutes',
  'minimumNoticeMinutes',
  'bookingHorizonDays',
  'cancelNoticeMinutes',
  'seats',
  'intakeQuestions',
] as const;

export const listVisitTypes = (db: Db, organizationId: OrganizationId): Promise<VisitType[]> =>
  db
    .selectFrom('visitTypes')
    .where('organizationId', '=', organizationId)
    .where('isActive', '=', true)
    .select(PUBLIC_COLUMNS)
    .orderBy('name')
    .orderBy('id')
    .limit(VISIT_TYPES_MAX)
    .execute();

/** Errors: `bad_request`, whose detail names the field that names a type the organization does not have. */
export const requireVisitTypes = async (
  db: Db,
  organizationId: OrganizationId,
  named: readonly { readonly field: string; readonly ids: readonly VisitTypeId[] }[],
): Promise<void> => {
  const ids = [...new Set(named.flatMap((one) => one.ids))];
  if (ids.length === 0) return;
  const rows = await db
    .selectFrom('visitTypes')
    .where('organizationId', '=', organizationId)
    .where('id', 'in', ids)
    .select('id')
    .execute();
  const known = new Set(rows.map((row) => row.id));
  const wrong = named.find((one) => one.ids.some((id) => !known.has(id)));
  if (wrong !== undefined)
    throw new AppError('bad_request', { detail: `${wrong.field}: must name visit types of the organization.` });
};

/** Settings as the table holds them; what is left out is not named. An absent step is the visit with its buffers. */
export const visitTypeColumns = <Settings extends Partial<VisitTypeSettings>>(settings: Settings) => {
  const { intakeQuestions, ...columns } = settings;
  return { ...columns, ...(intakeQuestions === undefined ? {} : { intakeQuestions: JSON.stringify(intakeQuestions) }) };
};

const SETTINGS_COLUMNS = [
  ...PUBLIC_COLUMNS,
  'bufferBeforeMinutes',
  'bufferAfterMinutes',
  'stepMinutes',
  'selfPay',
  'earlyEntryMinutes',
  'lateEntryMinutes',
  'isActive',
] as const;

/** Everything about the types there are, those that can no longer be booked too. */
export const listVisitTypeSettings = async (
  db: Db,
  organizationId: OrganizationId,
): Promise<(VisitTypeSettings & { id: VisitTypeId })[]> => {
  const rows = await db
    .selectFrom('visitTypes')
    .where('organizationId', '=', organizationId)
    .select(SETTINGS_COLUMNS)
    .orderBy('name')
    .orderBy('id')
    .limit(VISIT_TYPES_MAX)
    .execute();
  return rows.map(({ stepMinutes, ...row }) => ({ ...row, ...(stepMinutes === null ? {} : { stepMinutes }) }));
};
