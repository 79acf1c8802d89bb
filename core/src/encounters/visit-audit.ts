import type { PersonId } from '@bedside/protocol';
import { type AuditEntry, audit } from '../audit/audit.ts';
import type { Db } from '../db/database.ts';
import { isPatientOf, patientIdsOf, type Visit } from './visit-store.ts';

/**
 * Whose record an act in a visit touches. In a group session: the patients whom it concerns, or every patient where it
 * concerns nobody in particular.
 */
export const concernedPatients = (
  visit: Visit,
  concerned: PersonId | readonly PersonId[] = [],
): readonly PersonId[] => {
  if (visit.patientId !== null) return [visit.patientId];
  const patientIds = [concerned].flat().filter((id) => isPatientOf(visit, id));
  if (patientIds.length > 0) return patientIds;
  return patientIdsOf(visit);
};

/** Writes what happened in a visit, a row for each patient concerned. `concerned`: who did it, or to or for whom it was done. */
export const auditVisit = (
  db: Db,
  visit: Visit,
  entry: Omit<AuditEntry, 'patientId' | 'encounterId'> & { readonly concerned?: PersonId | readonly PersonId[] },
): Promise<void> => {
  const { concerned, ...rest } = entry;
  const row = { ...rest, encounterId: visit.encounterId };
  const patientIds = concernedPatients(visit, concerned);
  return audit(db, ...(patientIds.length === 0 ? [row] : patientIds.map((patientId) => ({ ...row, patientId }))));
};
