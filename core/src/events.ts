import { Counter, Histogram, LATENCY_BUCKETS_SECONDS, type Logger, type Registry } from '@bedside/kit';
import type { EncounterId, EndReason, ErrorCode, GrantId, PersonId, VisitRole } from '@bedside/protocol';
import type { PhiEvents } from './phi/phi.ts';

/** What happens in core, one function an event: a log line and a metric each. Labels take few values. */
export interface CoreEvents extends PhiEvents {
  signedIn(event: { personId: PersonId }): void;
  signInRefused(event: { code: ErrorCode; error?: unknown }): void;
  signedOut(event: { personId: PersonId }): void;
  accessDenied(event: { code: ErrorCode; personId: PersonId | undefined; reason: string | undefined }): void;
  booked(): void;
  bookingRefused(event: { code: ErrorCode }): void;
  cancelled(): void;
  grantIssued(event: { grantId: GrantId; encounterId: EncounterId; role: VisitRole }): void;
  grantRedeemed(event: { grantId: GrantId; encounterId: EncounterId }): void;
  grantRefused(event: { code: ErrorCode; encounterId: EncounterId }): void;
  grantRevoked(event: { grantId: GrantId }): void;
  admitted(event: { encounterId: EncounterId }): void;
  sentBack(event: { encounterId: EncounterId }): void;
  visitBegan(event: { encounterId: EncounterId }): void;
  visitEnded(event: { encounterId: EncounterId; reason: EndReason }): void;
  messageStored(): void;
  /** Somebody broke the glass: compliance has to look. */
  emergencyOpened(): void;
  httpAnswered(event: { method: string; route: string; status: number; durationMs: number; requestId: string }): void;
  failed(event: { error: unknown; requestId?: string; subject?: string }): void;
}

export const createEvents = (log: Logger, registry: Registry): CoreEvents => {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `bedside_core_${name}`, help, labelNames: [...labelNames], registers });
  const signIns = counter('sign_ins_total', 'Sign-ins by outcome.', ['outcome']);
  const denials = counter('access_denied_total', 'Requests refused by policy.', ['code']);
  const bookings = counter('bookings_total', 'Bookings by outcome.', ['outcome']);
  const cancellations = counter('cancellations_total', 'Appointments cancelled.');
  const grants = counter('grants_total', 'Room grants issued, redeemed and revoked.', ['step']);
  const refusals = counter('grants_refused_total', 'Room grants that core refused.', ['code']);
  const decisions = counter('visit_decisions_total', 'Decisions of hosts.', ['decision']);
  const visits = counter('visits_total', 'Visits begun, and ended by reason.', ['step']);
  const messages = counter('messages_total', 'Chat messages stored.');
  const emergencies = counter('emergency_accesses_total', 'Records opened by break-glass; somebody has to look.');
  const failures = counter('failures_total', 'Requests that failed for a reason of our own.');
  const phi = counter('phi_failures_total', 'Sealed values that could not be made or opened, by why.', ['why']);
  const http = new Histogram({
    name: 'bedside_core_http_request_duration_seconds',
    help: 'Answers over HTTP, by route and status class.',
    labelNames: ['method', 'route', 'status'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  });

  return {
    signedIn: ({ personId }) => {
      signIns.inc({ outcome: 'success' });
      log.info('signed-in', { personId });
    },
    signInRefused: ({ code, error }) => {
      signIns.inc({ outcome: code });
      log.warn('sign-in-refused', { code, errorName: error instanceof Error ? error.name : undefined });
    },
    signedOut: ({ personId }) => log.info('signed-out', { personId }),
    accessDenied: ({ code, personId, reason }) => {
      denials.inc({ code });
      log.warn('access-denied', { code, personId, reason });
    },
    booked: () => bookings.inc({ outcome: 'success' }),
    bookingRefused: ({ code }) => bookings.inc({ outcome: code }),
    cancelled: () => cancellations.inc(),
    grantIssued: ({ grantId, encounterId, role }) => {
      grants.inc({ step: 'issued' });
      log.info('grant-issued', { grantId, encounterId, role });
    },
    grantRedeemed: ({ grantId, encounterId }) => {
      grants.inc({ step: 'redeemed' });
      log.info('grant-redeemed', { grantId, encounterId });
    },
    grantRefused: ({ code, encounterId }) => {
      refusals.inc({ code });
      log.warn('grant-refused', { code, encounterId });
    },
    grantRevoked: ({ grantId }) => {
      grants.inc({ step: 'revoked' });
      log.info('grant-revoked', { grantId });
    },
    admitted: ({ encounterId }) => {
      decisions.inc({ decision: 'admit' });
      log.info('admitted', { encounterId });
    },
    sentBack: ({ encounterId }) => {
      decisions.inc({ decision: 'send-back' });
      log.info('sent-back', { encounterId });
    },
    visitBegan: ({ encounterId }) => {
      visits.inc({ step: 'begun' });
      log.info('visit-began', { encounterId });
    },
    visitEnded: ({ encounterId, reason }) => {
      visits.inc({ step: reason });
      log.info('visit-ended', { encounterId, reason });
    },
    messageStored: () => messages.inc(),
    kekAway: ({ reason }) => {
      phi.inc({ why: 'kek-away' });
      log.error('phi-kek-away', { reason });
    },
    altered: ({ place }) => {
      phi.inc({ why: 'altered' });
      log.error('phi-altered', { subject: place });
    },
    emergencyOpened: () => {
      emergencies.inc();
      log.warn('emergency-access-opened');
    },
    httpAnswered: ({ method, route, status, durationMs, requestId }) => {
      http.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, durationMs / 1000);
      log.debug('http', { method, route, status, durationMs, requestId });
    },
    failed: ({ error, requestId, subject }) => {
      failures.inc();
      log.error('failed', { error, requestId, subject });
    },
  };
};
