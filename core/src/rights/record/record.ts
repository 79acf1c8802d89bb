import {
  accessResource,
  appointmentResource,
  correctionResource,
  encounterResource,
  intakeResource,
  messageResource,
  noticeResource,
  type PatientFacts,
  patientResource,
  type Resource,
  waitingResource,
} from './fhir.ts';
import {
  type RecordScope,
  readAccesses,
  readCorrections,
  readMessages,
  readNotices,
  readVisits,
  readWaiting,
} from './store.ts';

/** Parts of a record in the order in which they are told. */
export const SECTIONS = ['patient', 'visits', 'messages', 'notices', 'waiting', 'corrections', 'accesses'] as const;
export type Section = (typeof SECTIONS)[number];

export interface RecordPage {
  readonly section: Section;
  readonly resources: readonly Resource[];
}

async function* told<Row>(
  section: Section,
  rows: AsyncGenerator<readonly Row[]>,
  resourcesOf: (row: Row) => readonly (Resource | undefined)[],
): AsyncGenerator<RecordPage> {
  for await (const page of rows)
    yield { section, resources: page.flatMap(resourcesOf).filter((resource) => resource !== undefined) };
}

/** All of a patient's record, a page of resources at a time; the next is read when it is asked for. */
export async function* recordOf(scope: RecordScope, patient: PatientFacts): AsyncGenerator<RecordPage> {
  const { patientId: id } = scope;
  yield { section: 'patient', resources: [patientResource(patient)] };
  yield* told('visits', readVisits(scope), (visit) => [
    appointmentResource(id, visit),
    encounterResource(id, visit),
    intakeResource(id, visit),
  ]);
  yield* told('messages', readMessages(scope), (message) => [messageResource(id, message)]);
  yield* told('notices', readNotices(scope), (notice) => [noticeResource(id, notice)]);
  yield* told('waiting', readWaiting(scope), (entry) => [waitingResource(id, entry)]);
  yield* told('corrections', readCorrections(scope), (correction) => [correctionResource(id, correction)]);
  yield* told('accesses', readAccesses(scope), (access) => [accessResource(id, access)]);
}
