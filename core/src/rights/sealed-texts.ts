import type { CorrectionAct, CorrectionId, OrganizationId, PersonId, RecordExportId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { Place } from '../phi/envelope.ts';
import { textOf } from '../phi/opened-text.ts';
import { personOwner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';

/** Whose record it is about; by their key is sealed whatever is written of it, by whomever. */
interface OfPatient {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
}

/** What is wrong, or what it should say instead. */
export const correctionPlace = (id: CorrectionId, column: 'statement' | 'proposed'): Place => ({
  table: 'correction_requests',
  column,
  row: id,
});

/** What was said with an act; a request has one of each kind. */
export const notePlace = (event: { readonly requestId: CorrectionId; readonly kind: CorrectionAct }): Place => ({
  table: 'correction_events',
  column: 'note',
  row: `${event.requestId}/${event.kind}`,
});

/** Why somebody else than the patient asked for their record. */
export const exportReasonPlace = (id: RecordExportId): Place => ({
  table: 'record_exports',
  column: 'reason',
  row: id,
});

/** Errors: `unavailable`. */
export const sealText = (
  phi: Phi,
  db: Db,
  { of, place, text }: { readonly of: OfPatient; readonly place: Place; readonly text: string },
): Promise<Buffer> => phi.seal(db, personOwner(of.organizationId, of.patientId), place, text);

/** The text; where its key was destroyed or somebody changed it, it says so. Errors: `unavailable`. */
export const openText = async (
  phi: Phi,
  db: Db,
  { of, place, sealed }: { readonly of: OfPatient; readonly place: Place; readonly sealed: Buffer },
): Promise<string> =>
  textOf(await phi.open(db, { owner: personOwner(of.organizationId, of.patientId), place, sealed }));
