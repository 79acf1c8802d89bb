import type {
  AccountRole,
  AppointmentId,
  AppointmentStatus,
  EncounterId,
  EncounterStatus,
  EndReason,
  GrantId,
  MessageId,
  OrganizationId,
  PersonId,
  Presence,
  RoomId,
  VisitRole,
  VisitTypeId,
} from '@bedside/protocol';
import type { Generated, GeneratedAlways } from 'kysely';

/** The tables as the migrations leave them; columns in camel case, instants as `Date` with milliseconds. */
export interface Tables {
  organizations: {
    id: Generated<OrganizationId>;
    key: string;
    name: string;
    phone: string | null;
    timeZone: string;
    createdAt: Date;
  };
  people: {
    id: Generated<PersonId>;
    organizationId: OrganizationId;
    key: string;
    displayName: string;
    timeZone: string;
    isActive: Generated<boolean>;
    createdAt: Date;
  };
  identities: {
    issuer: string;
    subject: string;
    organizationId: OrganizationId;
    personId: PersonId;
    createdAt: Date;
  };
  accountRoles: { organizationId: OrganizationId; personId: PersonId; role: AccountRole };
  patients: { personId: PersonId; organizationId: OrganizationId };
  providers: { personId: PersonId; organizationId: OrganizationId; specialty: string };
  visitTypes: {
    id: Generated<VisitTypeId>;
    organizationId: OrganizationId;
    key: string;
    name: string;
    durationMinutes: number;
    earlyEntryMinutes: number;
    lateEntryMinutes: number;
    isActive: Generated<boolean>;
  };
  availabilityWindows: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    weekday: number;
    startsMinute: number;
    endsMinute: number;
  };
  appointments: {
    id: Generated<AppointmentId>;
    organizationId: OrganizationId;
    providerId: PersonId;
    patientId: PersonId;
    visitTypeId: VisitTypeId;
    startsAt: Date;
    endsAt: Date;
    status: Generated<AppointmentStatus>;
    version: Generated<number>;
    cancelledBy: PersonId | null;
    cancelReason: string | null;
    createdAt: Date;
    updatedAt: Date;
  };
  encounters: {
    id: Generated<EncounterId>;
    organizationId: OrganizationId;
    appointmentId: AppointmentId;
    patientId: PersonId;
    providerId: PersonId;
    status: Generated<EncounterStatus>;
    roomId: Generated<RoomId>;
    lastMessageSeq: Generated<number>;
    startedAt: Date | null;
    endedAt: Date | null;
    endReason: EndReason | null;
    createdAt: Date;
  };
  presences: {
    encounterId: EncounterId;
    personId: PersonId;
    organizationId: OrganizationId;
    role: VisitRole;
    presence: Generated<Presence>;
    since: Date;
    connected: Generated<boolean>;
    seenAt: Date | null;
    admittedAt: Date | null;
    enteredAt: Date | null;
    leftAt: Date | null;
  };
  messages: {
    id: Generated<MessageId>;
    organizationId: OrganizationId;
    encounterId: EncounterId;
    seq: number;
    senderId: PersonId;
    clientMessageId: string;
    text: string;
    sentAt: Date;
  };
  sessions: {
    idHash: string;
    organizationId: OrganizationId;
    personId: PersonId;
    createdAt: Date;
    seenAt: Date;
    expiresAt: Date;
    endedAt: Date | null;
  };
  signInAttempts: {
    stateHash: string;
    browserHash: string;
    nonce: string;
    codeVerifier: string;
    returnTo: string;
    expiresAt: Date;
  };
  grants: {
    id: GrantId;
    organizationId: OrganizationId;
    encounterId: EncounterId;
    personId: PersonId;
    role: VisitRole;
    sessionHash: string;
    issuedAt: Date;
    expiresAt: Date;
    redeemedAt: Date | null;
    revokedAt: Date | null;
  };
  idempotencyKeys: {
    personId: PersonId;
    key: string;
    organizationId: OrganizationId;
    requestHash: string;
    resourceId: string | null;
    expiresAt: Date;
  };
  auditEvents: {
    id: GeneratedAlways<string>;
    at: Date;
    organizationId: OrganizationId | null;
    personId: PersonId | null;
    role: string | null;
    action: string;
    resourceType: string;
    resourceId: string | null;
    patientId: PersonId | null;
    encounterId: EncounterId | null;
    outcome: 'success' | 'denied';
    reason: string | null;
    address: string | null;
    requestId: string | null;
    /** xid8, decimal. */
    xid: GeneratedAlways<string>;
  };
  auditHeads: {
    sequence: string;
    head: string;
    hash: string;
    leaves: Buffer;
    signature: Buffer;
    sealedAt: Date;
  };
  auditSeals: { eventId: string; sequence: string };
  auditSealer: {
    onlyRow: Generated<boolean>;
    clusterId: string | null;
    horizon: Generated<string>;
    horizonId: Generated<string>;
    sweptId: string | null;
    sweepToId: string | null;
  };
  auditPublications: { collector: string; sequence: string; publishedAt: Date };
}
