/** Requests for correction in plain words. Pure. */
import type { Correction, CorrectionAct, CorrectionSubject, DenialBasis } from '@bedside/protocol';

export const SUBJECTS: Record<CorrectionSubject, string> = {
  profile: 'My name, address or other details',
  appointment: 'When or with whom a visit was',
  intake: 'What I answered before a visit',
  message: 'A message',
  visit: 'What is said about a visit',
  other: 'Something else',
};

export const STATUSES: Record<Correction['status'], string> = {
  requested: 'Waits for an answer',
  withdrawn: 'Taken back',
  accepted: 'Corrected',
  denied: 'Not corrected',
  disagreed: 'Not corrected; your objection is with the record',
  rebutted: 'Not corrected; your objection and the answer are with the record',
};

/** The grounds of 45 CFR 164.526(a)(2), as a patient reads them. */
export const GROUNDS: Record<DenialBasis, string> = {
  'not-created-here': 'It was not written by this clinic',
  'not-in-record': 'It is not part of the record',
  'not-accessible': 'It is not a part that patients can see',
  'accurate-and-complete': 'It is right and complete as it is',
};

const ACTS: Record<CorrectionAct, string> = {
  request: 'Asked for',
  extend: 'Put off',
  withdraw: 'Taken back',
  accept: 'Accepted',
  deny: 'Denied',
  disagree: 'Objected to',
  rebut: 'Answered',
};

/** "Denied by Grace Whitfield". */
export const actWords = ({ act, by }: Pick<Correction['history'][number], 'act' | 'by'>): string =>
  `${ACTS[act]} by ${by.displayName}`;
