/** What patients may ask of their record, what staff answer, and who may be sent what. */
import {
  type AccessReviewId,
  AccessReviewList,
  type AccessReviewSignature,
  Agreement,
  type AgreementId,
  type AgreementRequest,
  Correction,
  type CorrectionDenial,
  type CorrectionId,
  type CorrectionNote,
  CorrectionPage,
  type CorrectionRequest,
  RecordAccessPage,
  RecordExport,
  type RecordFormat,
} from '@bedside/protocol';
import { answerOf, call, listOf, noContent } from './http.ts';
import { type Once, once, queryOf } from './scheduling-api.ts';

const base = '/api/v1';

/** Who did something with one's own record, newest first. */
export const fetchRecordAccess = (before?: string): Promise<RecordAccessPage> =>
  call('GET', `${base}/me/record-access?${queryOf({ before })}`, RecordAccessPage);

/** One's own record is put together; `fetchRecordFile` fetches it. */
export const askForRecord = (format: RecordFormat, how: Once): Promise<RecordExport> =>
  call('POST', `${base}/record-exports`, RecordExport, once({ format }, how));

export const fetchRecordFile = async ({ id }: RecordExport): Promise<Blob> =>
  (await answerOf('GET', `${base}/record-exports/${id}/content`)).blob();

/** One's own; everybody's for those who answer them, where `open` leaves out what is settled. */
export const fetchCorrections = (query: { open?: 'true'; cursor?: string | undefined } = {}): Promise<CorrectionPage> =>
  call('GET', `${base}/corrections?${queryOf({ ...query })}`, CorrectionPage);

export const askForCorrection = (request: CorrectionRequest, how: Once): Promise<Correction> =>
  call('POST', `${base}/corrections`, Correction, once(request, how));

const stepOf =
  <Body extends object>(act: string) =>
  (id: CorrectionId, body: Body): Promise<Correction> =>
    call('POST', `${base}/corrections/${id}/${act}`, Correction, { body });

export const withdrawCorrection = stepOf<{ version: number }>('withdraw');
export const disagreeWithDenial = stepOf<CorrectionNote>('disagree');
export const acceptCorrection = stepOf<CorrectionNote>('accept');
export const denyCorrection = stepOf<CorrectionDenial>('deny');
export const putOffCorrection = stepOf<CorrectionNote>('extend');
export const answerDisagreement = stepOf<CorrectionNote>('rebut');

/** Newest first, ended ones too. */
export const fetchAgreements = (): Promise<Agreement[]> =>
  call('GET', `${base}/agreements`, listOf('agreements', Agreement));

export const recordAgreement = (request: AgreementRequest, how: Once): Promise<undefined> =>
  call('POST', `${base}/agreements`, noContent, once(request, how));

export const endAgreement = (id: AgreementId): Promise<undefined> =>
  call('POST', `${base}/agreements/${id}/end`, noContent);

/** Newest first. */
export const fetchAccessReviews = (cursor?: string): Promise<AccessReviewList> =>
  call('GET', `${base}/access-reviews?${queryOf({ cursor })}`, AccessReviewList);

export const signAccessReview = (id: AccessReviewId, signature: AccessReviewSignature, how: Once): Promise<undefined> =>
  call('POST', `${base}/access-reviews/${id}/sign`, noContent, once(signature, how));
