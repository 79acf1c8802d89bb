import { z } from 'zod';

/** Ids are opaque outside core. Those of records are UUIDs; those of the media plane are whatever mediasoup made. */
const recordId = <Brand extends string>() => z.uuid().brand<Brand>();
const mediaId = <Brand extends string>() => z.string().min(1).max(64).brand<Brand>();

export const OrganizationId = recordId<'OrganizationId'>();
export type OrganizationId = z.infer<typeof OrganizationId>;
export const PersonId = recordId<'PersonId'>();
export type PersonId = z.infer<typeof PersonId>;
export const VisitTypeId = recordId<'VisitTypeId'>();
export type VisitTypeId = z.infer<typeof VisitTypeId>;
export const AppointmentId = recordId<'AppointmentId'>();
export type AppointmentId = z.infer<typeof AppointmentId>;
export const EncounterId = recordId<'EncounterId'>();
export type EncounterId = z.infer<typeof EncounterId>;
export const MessageId = recordId<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;
export const HoldId = recordId<'HoldId'>();
export type HoldId = z.infer<typeof HoldId>;
export const WaitlistEntryId = recordId<'WaitlistEntryId'>();
export type WaitlistEntryId = z.infer<typeof WaitlistEntryId>;
export const PayerId = recordId<'PayerId'>();
export type PayerId = z.infer<typeof PayerId>;
export const AgreementId = recordId<'AgreementId'>();
export type AgreementId = z.infer<typeof AgreementId>;
export const RecordExportId = recordId<'RecordExportId'>();
export type RecordExportId = z.infer<typeof RecordExportId>;
export const CorrectionId = recordId<'CorrectionId'>();
export type CorrectionId = z.infer<typeof CorrectionId>;
export const AccessReviewId = recordId<'AccessReviewId'>();
export type AccessReviewId = z.infer<typeof AccessReviewId>;
/** `jti` of a room grant (RFC 7519 §4.1.7). */
export const GrantId = recordId<'GrantId'>();
export type GrantId = z.infer<typeof GrantId>;
/** One person's stay on one signaling server; it outlives a dropped socket by the resume window. */
export const SessionId = recordId<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
/** The media side's name of an encounter's room. Random, so that nothing of the record reaches the media plane. */
export const RoomId = recordId<'RoomId'>();
export type RoomId = z.infer<typeof RoomId>;

/** The media side's name of one session in a room. */
export const PeerId = mediaId<'PeerId'>();
export type PeerId = z.infer<typeof PeerId>;
export const TransportId = mediaId<'TransportId'>();
export type TransportId = z.infer<typeof TransportId>;
export const ProducerId = mediaId<'ProducerId'>();
export type ProducerId = z.infer<typeof ProducerId>;
export const ConsumerId = mediaId<'ConsumerId'>();
export type ConsumerId = z.infer<typeof ConsumerId>;
/** A media node's name, as its operator configured it. It stands in bus subjects, so it holds no dots. */
export const MediaNodeId = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,63}$/)
  .brand<'MediaNodeId'>();
export type MediaNodeId = z.infer<typeof MediaNodeId>;
