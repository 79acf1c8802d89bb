import type {
  AccessReviewId,
  AccountRole,
  AdditionalPerson,
  AgreementBasis,
  AgreementId,
  AppointmentId,
  AppointmentStatus,
  CorrectionAct,
  CorrectionId,
  CorrectionStatus,
  CorrectionSubject,
  DataCategory,
  DenialBasis,
  EncounterId,
  EncounterStatus,
  EndReason,
  GrantId,
  HoldId,
  IntakeAnswers,
  IntakeQuestion,
  MessageId,
  Modality,
  OrganizationId,
  PayerId,
  PersonId,
  Presence,
  ProxyScope,
  RecordExportId,
  RecordFormat,
  RoomId,
  ServicePublicKey,
  VisitRole,
  VisitTypeId,
  WaitlistEntryId,
  WaitlistStatus,
} from '@bedside/protocol';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Capacity } from '../identity/session-model.ts';
import type { NotificationKind } from '../notifications/model.ts';

/** Parsed when read, written as JSON text: the driver would make a Postgres array of a list. */
type JsonColumn<Value> = ColumnType<Value, string | undefined, string>;

/**
 * The tables as the migrations leave them; columns in camel case, instants as `Date` with milliseconds, dates as
 * `YYYY-MM-DD`.
 */
export interface Tables {
  organizations: {
    id: Generated<OrganizationId>;
    key: string;
    name: string;
    phone: string | null;
    timeZone: string;
    requiresLicense: Generated<boolean>;
    messageDetail: Generated<'none' | 'time' | 'provider'>;
    createdAt: Date;
  };
  contactPoints: {
    id: Generated<string>;
    organizationId: OrganizationId;
    personId: PersonId;
    system: 'email' | 'sms';
    /** In the clear until the task `phi-seal` has been there. */
    value: string | null;
    sealedValue: Buffer | null;
    /** A blind index of it; null where it was sealed before there was one. */
    lookup: Buffer | null;
  };
  people: {
    id: Generated<PersonId>;
    organizationId: OrganizationId;
    key: string;
    displayName: string;
    timeZone: string;
    isActive: Generated<boolean>;
    /** Whether everybody of the organization may know their name; of providers the database sets it. */
    isListed: Generated<boolean>;
    createdAt: Date;
  };
  identities: {
    issuer: string;
    subject: string;
    organizationId: OrganizationId;
    personId: PersonId;
    createdAt: Date;
  };
  accountRoles: {
    organizationId: OrganizationId;
    personId: PersonId;
    role: AccountRole;
    statedBy: ColumnType<string | null, string | undefined, string>;
  };
  patients: { personId: PersonId; organizationId: OrganizationId; region: string | null };
  providers: {
    personId: PersonId;
    organizationId: OrganizationId;
    specialty: string;
    availabilityVersion: Generated<number>;
  };
  visitTypes: {
    id: Generated<VisitTypeId>;
    organizationId: OrganizationId;
    key: string;
    name: string;
    modality: Generated<Modality>;
    durationMinutes: number;
    bufferBeforeMinutes: Generated<number>;
    bufferAfterMinutes: Generated<number>;
    stepMinutes: number | null;
    minimumNoticeMinutes: Generated<number>;
    bookingHorizonDays: Generated<number>;
    cancelNoticeMinutes: Generated<number>;
    seats: Generated<number>;
    selfPay: Generated<boolean>;
    intakeQuestions: JsonColumn<IntakeQuestion[]>;
    earlyEntryMinutes: number;
    lateEntryMinutes: number;
    isActive: Generated<boolean>;
  };
  availabilityRules: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    kind: 'open' | 'block';
    label: Generated<string>;
    startsOn: string;
    startsMinute: number;
    endsMinute: number;
    rrule: string | null;
    exdates: Generated<string[]>;
    rdates: Generated<string[]>;
    effectiveFrom: string | null;
    effectiveTo: string | null;
    visitTypeIds: Generated<VisitTypeId[]>;
    location: string | null;
    worksOnHolidays: Generated<boolean>;
  };
  timeOff: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    startsAt: Date;
    endsAt: Date;
    label: Generated<string>;
  };
  holidays: { organizationId: OrganizationId; onDate: string; name: string };
  licenses: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    region: string | null;
    compact: string | null;
    number: Generated<string>;
    validFrom: string;
    validTo: string | null;
    source: string;
  };
  compactMembers: {
    organizationId: OrganizationId;
    compact: string;
    region: string;
    validFrom: string;
    validTo: string | null;
    source: string;
  };
  payers: {
    id: Generated<PayerId>;
    organizationId: OrganizationId;
    key: string;
    name: string;
    isActive: Generated<boolean>;
  };
  payerRules: {
    id: Generated<string>;
    organizationId: OrganizationId;
    payerId: PayerId;
    visitTypeId: VisitTypeId | null;
    region: string | null;
    effect: 'allow' | 'deny';
    validFrom: string;
    validTo: string | null;
    source: string;
  };
  dailyCaps: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    visitTypeId: VisitTypeId | null;
    maxVisits: number;
    validFrom: string;
    validTo: string | null;
  };
  slotDays: {
    providerId: PersonId;
    onDate: string;
    organizationId: OrganizationId;
    specialty: string;
    regions: string[] | null;
    visitTypeIds: VisitTypeId[] | null;
    firstOpenAt: Date;
    lastOpenAt: Date;
    openings: JsonColumn<[startMinute: number, endMinute: number, visitTypeIds: VisitTypeId[]][]>;
  };
  appointmentSeries: {
    id: Generated<string>;
    organizationId: OrganizationId;
    rrule: string;
    timeZone: string;
    madeBy: PersonId;
    createdAt: Date;
  };
  appointments: {
    id: Generated<AppointmentId>;
    organizationId: OrganizationId;
    providerId: PersonId;
    /** Null: a group session, whose patients are in `presences`. */
    patientId: PersonId | null;
    visitTypeId: VisitTypeId;
    startsAt: Date;
    endsAt: Date;
    status: Generated<AppointmentStatus>;
    version: Generated<number>;
    cancelledBy: PersonId | null;
    /** In the clear until the task `phi-seal` has been there. */
    cancelReason: string | null;
    sealedCancelReason: Buffer | null;
    cancelledLate: Generated<boolean>;
    rescheduledTo: AppointmentId | null;
    seats: Generated<number>;
    seriesId: string | null;
    payerId: PayerId | null;
    patientRegion: string | null;
    /** Sealed, base64; an object until the task `phi-seal` has been there. */
    intakeAnswers: ColumnType<string | IntakeAnswers | null, string | null | undefined, string | null>;
    providerDate: string;
    bookedBy: PersonId | null;
    createdAt: Date;
    updatedAt: Date;
  };
  encounters: {
    id: Generated<EncounterId>;
    organizationId: OrganizationId;
    appointmentId: AppointmentId;
    patientId: PersonId | null;
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
    participation: Generated<'accepted' | 'declined'>;
    /** Of a group session's patient; otherwise the appointment tells. */
    patientRegion: string | null;
    payerId: PayerId | null;
    /** As the appointment's. */
    intakeAnswers: ColumnType<string | IntakeAnswers | null, string | null | undefined, string | null>;
  };
  holds: {
    id: Generated<HoldId>;
    organizationId: OrganizationId;
    token: Generated<string>;
    madeBy: PersonId;
    patientId: PersonId;
    providerId: PersonId;
    visitTypeId: VisitTypeId;
    additional: JsonColumn<AdditionalPerson[]>;
    groupAppointmentId: AppointmentId | null;
    patientRegion: string | null;
    payerId: PayerId | null;
    startsAt: Date;
    endsAt: Date;
    providerDate: string;
    expiresAt: Date;
    extended: Generated<boolean>;
    createdAt: Date;
  };
  calendarClaims: {
    id: GeneratedAlways<string>;
    organizationId: OrganizationId;
    personId: PersonId;
    startsAt: Date;
    endsAt: Date;
    holdId: HoldId | null;
    appointmentId: AppointmentId | null;
    expiresAt: Date | null;
  };
  waitlistEntries: {
    id: Generated<WaitlistEntryId>;
    organizationId: OrganizationId;
    patientId: PersonId;
    visitTypeId: VisitTypeId;
    providerId: PersonId | null;
    specialty: string | null;
    earliestAt: Date;
    latestAt: Date;
    patientRegion: string | null;
    payerId: PayerId | null;
    status: Generated<WaitlistStatus>;
    position: GeneratedAlways<string>;
    madeBy: PersonId;
    createdAt: Date;
    updatedAt: Date;
  };
  waitlistOffers: {
    id: Generated<string>;
    organizationId: OrganizationId;
    entryId: WaitlistEntryId;
    holdId: HoldId | null;
    providerId: PersonId;
    startsAt: Date;
    endsAt: Date;
    expiresAt: Date;
    status: Generated<'live' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn'>;
    createdAt: Date;
    closedAt: Date | null;
  };
  outboxEvents: {
    id: GeneratedAlways<string>;
    organizationId: OrganizationId;
    topic: string;
    resourceId: string;
    createdAt: Date;
    availableAt: Date;
    attempts: Generated<number>;
  };
  notifications: {
    id: Generated<string>;
    organizationId: OrganizationId;
    personId: PersonId;
    appointmentId: AppointmentId | null;
    waitlistOfferId: string | null;
    correctionRequestId: CorrectionId | null;
    emergencyAccessId: string | null;
    kind: NotificationKind;
    channel: 'email' | 'sms';
    dueAt: Date;
    status: Generated<'pending' | 'sent' | 'failed' | 'dropped'>;
    attempts: Generated<number>;
    nextAttemptAt: Date;
    sentAt: Date | null;
    lastError: string | null;
    createdAt: Date;
  };
  calendarFeeds: {
    id: Generated<string>;
    organizationId: OrganizationId;
    personId: PersonId;
    view: 'provider' | 'patient';
    secretHash: string;
    createdAt: Date;
    readAt: Date | null;
    revokedAt: Date | null;
  };
  messages: {
    id: Generated<MessageId>;
    organizationId: OrganizationId;
    encounterId: EncounterId;
    seq: number;
    senderId: PersonId;
    clientMessageId: string;
    /** In the clear until the task `phi-seal` has been there. */
    text: string | null;
    sealedText: Buffer | null;
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
    id: Generated<string>;
    capacity: Generated<Capacity>;
    issuer: string | null;
    subject: string | null;
    issuerSession: string | null;
    authenticatedAt: Date | null;
    acr: string | null;
    passkeyAt: Date | null;
    challenge: string | null;
    challengeFor: 'registration' | 'assertion' | null;
    challengeExpiresAt: Date | null;
  };
  signInAttempts: {
    stateHash: string;
    browserHash: string;
    nonce: string;
    codeVerifier: string;
    returnTo: string;
    expiresAt: Date;
    issuerId: string;
    createdAt: Date;
    sessionHash: string | null;
  };
  spentTokens: { organizationId: OrganizationId | null; presenter: string; idHash: string; expiresAt: Date };
  passkeys: {
    id: Generated<string>;
    organizationId: OrganizationId;
    personId: PersonId;
    name: string;
    credentialId: string;
    publicKey: Uint8Array;
    signCount: ColumnType<string, number, number>;
    transports: Generated<string[]>;
    createdAt: Date;
    usedAt: Date | null;
    clonedAt: Date | null;
  };
  serviceClients: {
    personId: PersonId;
    organizationId: OrganizationId;
    label: string;
    publicJwk: JsonColumn<ServicePublicKey>;
    actions: string[];
    createdBy: PersonId;
    createdAt: Date;
    revokedAt: Date | null;
  };
  serviceTokens: {
    idHash: string;
    organizationId: OrganizationId;
    personId: PersonId;
    actions: string[];
    issuedAt: Date;
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
  patientProxies: {
    id: Generated<string>;
    organizationId: OrganizationId;
    patientId: PersonId;
    proxyId: PersonId;
    kind: 'guardian' | 'proxy';
    scopes: ProxyScope[];
    validFrom: Date;
    validTo: Date | null;
    madeBy: PersonId;
    madeAt: Date;
    endedAt: Date | null;
  };
  careTeamMembers: {
    id: Generated<string>;
    organizationId: OrganizationId;
    patientId: PersonId;
    memberId: PersonId;
    validFrom: Date;
    validTo: Date | null;
    madeBy: PersonId;
    madeAt: Date;
    endedAt: Date | null;
  };
  providerCovers: {
    id: Generated<string>;
    organizationId: OrganizationId;
    providerId: PersonId;
    coveringId: PersonId;
    validFrom: Date;
    validTo: Date | null;
    madeBy: PersonId;
    madeAt: Date;
    endedAt: Date | null;
  };
  emergencyAccesses: {
    id: Generated<string>;
    organizationId: OrganizationId;
    patientId: PersonId;
    personId: PersonId;
    sealedReason: Buffer;
    validFrom: Date;
    validTo: Date | null;
    endedAt: Date | null;
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
  businessAssociateAgreements: {
    id: Generated<AgreementId>;
    organizationId: OrganizationId;
    basis: AgreementBasis;
    vendor: string;
    purpose: string;
    destination: string;
    categories: DataCategory[];
    documentReference: string;
    validFrom: string;
    validTo: string | null;
    recordedBy: PersonId;
    recordedAt: Date;
    endedBy: PersonId | null;
    endedAt: Date | null;
  };
  openedTimes: {
    id: string;
    organizationId: OrganizationId;
    providerId: PersonId;
    startsAt: Date;
    endsAt: Date;
  };
  recordExports: {
    id: Generated<RecordExportId>;
    organizationId: OrganizationId;
    patientId: PersonId;
    requestedBy: PersonId;
    format: RecordFormat;
    sealedReason: Buffer | null;
    requestedAt: Date;
    expiresAt: Date;
    fetchedCount: Generated<number>;
    fetchedAt: Date | null;
  };
  correctionRequests: {
    id: Generated<CorrectionId>;
    organizationId: OrganizationId;
    patientId: PersonId;
    requestedBy: PersonId;
    about: CorrectionSubject;
    aboutId: string | null;
    sealedStatement: Buffer;
    sealedProposed: Buffer;
    status: Generated<CorrectionStatus>;
    denialBasis: DenialBasis | null;
    dueAt: Date;
    extended: Generated<boolean>;
    version: Generated<number>;
    createdAt: Date;
    updatedAt: Date;
  };
  correctionEvents: {
    id: GeneratedAlways<string>;
    organizationId: OrganizationId;
    requestId: CorrectionId;
    personId: PersonId;
    kind: CorrectionAct;
    sealedNote: Buffer | null;
    at: Date;
  };
  accessReviews: {
    id: AccessReviewId;
    organizationId: OrganizationId;
    periodFrom: Date;
    periodTo: Date;
    madeAt: Date;
    sha256: string;
    accounts: number;
    findings: number;
  };
  accessReviewSignatures: {
    reviewId: AccessReviewId;
    signedBy: PersonId;
    organizationId: OrganizationId;
    remark: string | null;
    signedAt: Date;
  };
  auditPublications: { collector: string; sequence: string; publishedAt: Date };
  keyEncryptionKeys: { id: string; isActive: boolean; madeAt: Date };
  /** Of a person, or of a visit; null `wrapped`: destroyed. */
  dataKeys: {
    id: Generated<string>;
    organizationId: OrganizationId;
    personId: PersonId | null;
    encounterId: EncounterId | null;
    version: number;
    kekId: string | null;
    wrapped: Buffer | null;
    madeAt: Date;
    destroyedAt: Date | null;
  };
  blindIndexKeys: { organizationId: OrganizationId; kekId: string; wrapped: Buffer; madeAt: Date };
  patientIdentifiers: {
    id: string;
    organizationId: OrganizationId;
    patientId: PersonId;
    system: string;
    sealedValue: Buffer;
    valueIndex: Buffer;
    madeAt: Date;
  };
}
