import type { Place } from '../phi/envelope.ts';

/** Why somebody opened a record in an emergency; sealed by the patient's key. */
export const emergencyReasonPlace = (id: string): Place => ({
  table: 'emergency_accesses',
  column: 'reason',
  row: id,
});
