import type { VisitRole } from '@bedside/protocol';
import { listVersion } from '../../src/directory/list-version.ts';
import { isInCapacity } from '../../src/identity/session-model.ts';
import { type Action, POLICY } from '../../src/policy/policy.ts';
import { START } from './clinic.ts';
import { MACHINE_KEY } from './matrix-kept.ts';
import type { CorrectionName } from './matrix-own.ts';
import type { VisitName } from './matrix-visits.ts';
import type { World } from './matrix-world.ts';

const DAY_MS = 24 * 60 * 60_000;
const day = (days: number, hour = 9): string => new Date(START + days * DAY_MS + (hour - 9) * 3_600_000).toISOString();

export interface MatrixRequest {
  readonly path: string;
  readonly body?: unknown;
}

/**
 * What a cell asks, and whether the policy's table lets it reach what is the world's. `class`: rights that write the
 * same rows; the database knows rows and no routes, so that it lets through what any of them allows.
 */
export interface MatrixRoute {
  readonly request: (world: World, marker: string) => MatrixRequest;
  readonly isAllowed: (world: World, action: Action) => boolean;
  readonly sameRows?: (world: World) => boolean;
  /** Who is told of the patient by rows that are their own, beside those whom the table lets know. */
  readonly ownRows?: (world: World) => boolean;
}

/** Nobody has a licence in the world of the matrix, and no payer has rules. */
const NO_ROWS = listVersion([]);

const isHome = (world: World): boolean => world.who.organizationId === world.organizationId;
const byAccount = (world: World, action: Action): boolean =>
  isHome(world) && POLICY.byAccount(world.who, action).allowed;

const partOf = ({ relation }: World): VisitRole => {
  if (relation === 'own') return 'patient';
  return relation === 'host' ? 'provider' : 'interpreter';
};

export const onVisit = (world: World, action: Action): boolean =>
  POLICY.onVisit(world.who, action, {
    organizationId: world.organizationId,
    providerId: world.hostId,
    memberIds: world.memberIds.filter(
      (id) => id !== world.who.personId || isInCapacity(partOf(world), world.who.roles),
    ),
    patientIds: [world.patientId],
    relations: world.relations,
  }).allowed;

const onPatient = (world: World, action: Action): boolean =>
  isHome(world) && POLICY.onPatient(world.who, action, world.patientId, world.relations).allowed;

const onProvider = (world: World, action: Action): boolean =>
  POLICY.onProvider(world.who, action, { organizationId: world.organizationId, providerId: world.hostId }).allowed;

const onRecord = (world: World, action: Action): boolean =>
  isHome(world) && POLICY.onRecord(world.who, action, world.patientId, world.relations).allowed;

const isPatient = (world: World): boolean => world.who.personId === world.patientId;
const isHost = (world: World): boolean => world.who.personId === world.hostId;
const isDesk = (world: World): boolean => world.role === 'front-desk' || world.role === 'admin';

const visitRoute = (
  path: (ids: World['visits'][VisitName]) => string,
  visit: VisitName,
  body?: (world: World) => unknown,
) => ({
  request: (world: World) => ({
    path: path(world.visits[visit]),
    ...(body === undefined ? {} : { body: body(world) }),
  }),
  isAllowed: onVisit,
});
/** What is the patient's own, for them alone. */
const ofPatient = (request: MatrixRoute['request']): MatrixRoute => ({
  request,
  isAllowed: (world, action) => byAccount(world, action) && isPatient(world),
});
const forPatient = (request: MatrixRoute['request']): MatrixRoute => ({ request, isAllowed: onPatient });
const forProvider = (request: MatrixRoute['request']): MatrixRoute => ({ request, isAllowed: onProvider });
const forRecord = (request: MatrixRoute['request']): MatrixRoute => ({ request, isAllowed: onRecord });
const onCorrection = (act: Exclude<CorrectionName, 'read'>, body: object = { note: 'So it is' }): MatrixRoute =>
  forRecord((world) => ({
    path: `/api/v1/corrections/${world.corrections[act]}/${act}`,
    body: { version: 1, ...body },
  }));
/** Of whoever is signed in, whatever their account is. */
const ofSession = (request: MatrixRoute['request'], isTheirs: (world: World) => boolean): MatrixRoute => ({
  request,
  // A machine has a token, and no session.
  isAllowed: (world) => world.role !== 'service' && isTheirs(world),
});
/** For whose account it is, in their own organization. */
const forAccount = (request: MatrixRoute['request']): MatrixRoute => ({ request, isAllowed: byAccount });

const writesVisits = (world: World): boolean =>
  onPatient(world, 'appointment.book') || onProvider(world, 'series.book') || onVisit(world, 'appointment.reschedule');

const wanted = (world: World, startsAt: string) => ({
  providerId: world.hostId,
  visitTypeId: world.visitTypeId,
  startsAt,
  patientId: world.patientId,
});

const settings = (marker: string) => ({
  name: marker,
  modality: 'video',
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  minimumNoticeMinutes: 0,
  bookingHorizonDays: 30,
  cancelNoticeMinutes: 0,
  seats: 1,
  selfPay: true,
  intakeQuestions: [],
  earlyEntryMinutes: 15,
  lateEntryMinutes: 60,
  isActive: true,
});

const dated = (marker: string) => ({ validFrom: '2026-01-01', source: marker });

/** The route that a cell is about. */
export const routeOf = (cell: string): string => cell.replace(/ \(.*\)$/, '');

/**
 * Every route of the OpenAPI document; the test fails for one that is not here. What a route does with something of
 * another kind is a cell of its own, with the kind in brackets. Writes that end things come last.
 */
export const MATRIX_ROUTES: Readonly<Record<string, MatrixRoute>> = {
  'GET /api/v1/me': ofSession(() => ({ path: '/api/v1/me' }), isPatient),
  'GET /api/v1/appointments': ofPatient(() => ({ path: '/api/v1/appointments' })),
  'GET /api/v1/appointments/{appointmentId}': visitRoute((ids) => `/api/v1/appointments/${ids.appointmentId}`, 'read'),
  'GET /api/v1/appointments/{appointmentId} (a session)': {
    request: (world) => ({ path: `/api/v1/appointments/${world.sessions.seated.appointmentId}` }),
    isAllowed: onVisit,
  },
  'GET /api/v1/encounters/{encounterId}': visitRoute((ids) => `/api/v1/encounters/${ids.encounterId}`, 'read'),
  'GET /api/v1/encounters/{encounterId}/messages': visitRoute(
    (ids) => `/api/v1/encounters/${ids.encounterId}/messages`,
    'read',
  ),
  'GET /api/v1/calendar': forProvider((world) => ({
    path: `/api/v1/calendar?from=${day(-1)}&to=${day(4)}&providerIds=${world.hostId}`,
  })),
  'GET /api/v1/day': {
    request: () => ({ path: '/api/v1/day' }),
    isAllowed: (world, action) => byAccount(world, action) && isHost(world),
  },
  'GET /api/v1/patients/{patientId}/appointments': {
    request: (world) => ({ path: `/api/v1/patients/${world.patientId}/appointments` }),
    // The patient's whole list, or of it what is a visit of one's own or of whom one stands in for.
    isAllowed: (world, action) =>
      byAccount(world, action) &&
      // Of their own visits as a patient nobody has a list who came in as something else.
      (onPatient(world, action) || (!isPatient(world) && onVisit(world, 'appointment.read'))),
  },
  'GET /api/v1/slots': forAccount((world) => ({
    path: `/api/v1/slots?visitTypeId=${world.visitTypeId}&from=${day(2)}&to=${day(4)}&providerId=${world.hostId}`,
  })),
  'GET /api/v1/holds': ofPatient(() => ({ path: '/api/v1/holds' })),
  'GET /api/v1/patients/{patientId}/identifiers': forAccount((world) => ({
    path: `/api/v1/patients/${world.patientId}/identifiers`,
  })),
  'GET /api/v1/me/sessions': ofSession(
    () => ({ path: '/api/v1/me/sessions' }),
    () => true,
  ),
  'GET /api/v1/me/passkeys': ofSession(
    () => ({ path: '/api/v1/me/passkeys' }),
    () => true,
  ),
  'GET /api/v1/machines': forAccount(() => ({ path: '/api/v1/machines' })),
  'GET /api/v1/agreements': forAccount(() => ({ path: '/api/v1/agreements' })),
  'GET /api/v1/access-reviews': forAccount(() => ({ path: '/api/v1/access-reviews' })),
  'GET /api/v1/audit/status': forAccount(() => ({ path: '/api/v1/audit/status' })),
  'GET /api/v1/corrections': forAccount(() => ({ path: '/api/v1/corrections' })),
  'GET /api/v1/corrections/{correctionId}': forRecord((world) => ({
    path: `/api/v1/corrections/${world.corrections.read}`,
  })),
  'GET /api/v1/record-exports/{exportId}': ofPatient((world) => ({ path: `/api/v1/record-exports/${world.exportId}` })),
  'GET /api/v1/record-exports/{exportId}/content': {
    ...ofPatient((world) => ({ path: `/api/v1/record-exports/${world.exportId}/content` })),
    ownRows: isPatient,
  },
  'GET /api/v1/payers/settings': forAccount(() => ({ path: '/api/v1/payers/settings' })),
  'GET /api/v1/relationships': forAccount(() => ({ path: '/api/v1/relationships' })),
  'GET /api/v1/audit/events': forAccount((world) => ({ path: `/api/v1/audit/events?patientId=${world.patientId}` })),
  'GET /api/v1/me/record-access': ofPatient(() => ({ path: '/api/v1/me/record-access' })),
  'GET /api/v1/calendar-feeds': ofPatient(() => ({ path: '/api/v1/calendar-feeds' })),
  'GET /api/v1/feeds/{secret}.ics': {
    request: () => ({ path: `/api/v1/feeds/${'0'.repeat(43)}.ics` }),
    isAllowed: () => false,
  },
  'GET /api/v1/patients/{patientId}/waitlist': forPatient((world) => ({
    path: `/api/v1/patients/${world.patientId}/waitlist`,
  })),
  'GET /api/v1/waitlist': forAccount(() => ({ path: '/api/v1/waitlist' })),
  'GET /api/v1/payers': forAccount(() => ({ path: '/api/v1/payers' })),
  'GET /api/v1/holidays': forAccount(() => ({ path: '/api/v1/holidays' })),
  'GET /api/v1/compacts': forAccount(() => ({ path: '/api/v1/compacts' })),
  'GET /api/v1/payer-rules': forAccount(() => ({ path: '/api/v1/payer-rules' })),
  'GET /api/v1/providers': forAccount(() => ({ path: '/api/v1/providers' })),
  'GET /api/v1/specialties': forAccount(() => ({ path: '/api/v1/specialties' })),
  'GET /api/v1/visit-types': forAccount(() => ({ path: '/api/v1/visit-types' })),
  'GET /api/v1/visit-types/settings': forAccount(() => ({ path: '/api/v1/visit-types/settings' })),
  'GET /api/v1/providers/{providerId}/licenses': forAccount((world) => ({
    path: `/api/v1/providers/${world.hostId}/licenses`,
  })),
  'GET /api/v1/providers/{providerId}/daily-caps': forAccount((world) => ({
    path: `/api/v1/providers/${world.hostId}/daily-caps`,
  })),
  'GET /api/v1/providers/{providerId}/availability': forProvider((world) => ({
    path: `/api/v1/providers/${world.hostId}/availability`,
  })),

  // Reads, by POST: what they look for stands in no address.
  'POST /api/v1/patients/search': forAccount((world) => ({
    path: '/api/v1/patients/search',
    body: { search: world.name },
  })),
  'POST /api/v1/patients/search-by-identifier': forAccount((world) => ({
    path: '/api/v1/patients/search-by-identifier',
    body: { system: 'mrn', value: world.name },
  })),
  'POST /api/v1/audit/export': forAccount((world) => ({
    path: '/api/v1/audit/export',
    body: { patientId: world.patientId, purpose: 'review' },
  })),

  'POST /api/v1/appointments': {
    ...forPatient((world) => ({ path: '/api/v1/appointments', body: wanted(world, day(3, 10)) })),
    sameRows: writesVisits,
  },
  'POST /api/v1/appointments (a seat)': {
    ...forPatient((world) => ({
      path: '/api/v1/appointments',
      body: {
        ...wanted(world, world.sessions.open.startsAt),
        visitTypeId: world.groupTypeId,
        groupAppointmentId: world.sessions.open.appointmentId,
      },
    })),
    sameRows: writesVisits,
  },
  'POST /api/v1/holds': forPatient((world) => ({ path: '/api/v1/holds', body: wanted(world, day(3, 11)) })),
  'POST /api/v1/appointment-series': {
    ...forProvider((world) => ({
      path: '/api/v1/appointment-series',
      body: { ...wanted(world, day(3, 12)), rrule: 'FREQ=DAILY;COUNT=2', timeZone: 'Europe/Berlin' },
    })),
    sameRows: writesVisits,
  },
  'POST /api/v1/group-sessions': {
    ...forProvider((world) => ({
      path: '/api/v1/group-sessions',
      body: { providerId: world.hostId, visitTypeId: world.groupTypeId, startsAt: day(3, 14) },
    })),
    sameRows: (world) => onVisit(world, 'appointment.reschedule') && !isPatient(world),
  },
  'POST /api/v1/holds/{holdId}/extend': ofPatient((world) => ({
    path: `/api/v1/holds/${world.holds[0]?.id}/extend`,
    body: { token: world.holds[0]?.token },
  })),
  'POST /api/v1/holds/{holdId}/release': ofPatient((world) => ({
    path: `/api/v1/holds/${world.holds[1]?.id}/release`,
    body: { token: world.holds[1]?.token },
  })),
  'POST /api/v1/waitlist': forPatient((world) => ({
    path: '/api/v1/waitlist',
    body: {
      visitTypeId: world.visitTypeId,
      providerId: world.hostId,
      patientId: world.patientId,
      earliestAt: day(1),
      latestAt: day(9),
    },
  })),
  'POST /api/v1/waitlist/{entryId}/accept': forPatient((world) => ({
    path: `/api/v1/waitlist/${world.entryId}/accept`,
    body: {},
  })),
  'POST /api/v1/waitlist/{entryId}/decline': forPatient((world) => ({
    path: `/api/v1/waitlist/${world.entryId}/decline`,
  })),
  'POST /api/v1/calendar-feeds': forAccount((world) => ({
    path: '/api/v1/calendar-feeds',
    body: { view: world.role === 'provider' ? 'provider' : 'patient' },
  })),
  'POST /api/v1/proxies': forAccount((world) => ({
    path: '/api/v1/proxies',
    body: { patientId: world.patientId, proxyId: world.otherId, kind: 'guardian', scopes: ['read'] },
  })),
  'POST /api/v1/care-team': forAccount((world) => ({
    path: '/api/v1/care-team',
    body: { patientId: world.patientId, memberId: world.otherId },
  })),
  'POST /api/v1/covers': forProvider((world) => ({
    path: '/api/v1/covers',
    body: { providerId: world.hostId, coveringId: world.otherId, validTo: day(9) },
  })),
  'PUT /api/v1/holidays': forAccount((_world, marker) => ({
    path: '/api/v1/holidays',
    body: { version: NO_ROWS, holidays: [{ date: '2027-05-05', name: marker }] },
  })),
  'PUT /api/v1/compacts': forAccount((_world, marker) => ({
    path: '/api/v1/compacts',
    body: { version: NO_ROWS, members: [{ compact: 'C', region: 'US-CA', ...dated(marker) }] },
  })),
  'PUT /api/v1/payer-rules': forAccount(() => ({ path: '/api/v1/payer-rules', body: { version: NO_ROWS, rules: [] } })),
  'PUT /api/v1/providers/{providerId}/licenses': forAccount((world, marker) => ({
    path: `/api/v1/providers/${world.hostId}/licenses`,
    body: { version: NO_ROWS, licenses: [{ region: 'US-CA', ...dated(marker) }] },
  })),
  'PUT /api/v1/providers/{providerId}/daily-caps': forAccount((world) => ({
    path: `/api/v1/providers/${world.hostId}/daily-caps`,
    body: { version: NO_ROWS, caps: [{ maxVisits: 300, validFrom: '2026-01-01' }] },
  })),
  'POST /api/v1/visit-types': forAccount((_world, marker) => ({ path: '/api/v1/visit-types', body: settings(marker) })),
  'PUT /api/v1/visit-types/{visitTypeId}': forAccount((world, marker) => ({
    path: `/api/v1/visit-types/${world.visitTypeId}`,
    body: settings(marker),
  })),
  'PUT /api/v1/providers/{providerId}/availability': forProvider((world) => ({
    path: `/api/v1/providers/${world.hostId}/availability`,
    body: { timeZone: 'Europe/Berlin', version: 2, rules: [] },
  })),
  'POST /api/v1/providers/{providerId}/time-off': forProvider((world) => ({
    path: `/api/v1/providers/${world.hostId}/time-off`,
    body: { startsAt: day(20), endsAt: day(21) },
  })),
  'DELETE /api/v1/providers/{providerId}/time-off/{timeOffId}': forProvider((world) => ({
    path: `/api/v1/providers/${world.hostId}/time-off/${world.timeOffId}`,
  })),
  'POST /api/v1/encounters/{encounterId}/grant': visitRoute(
    (ids) => `/api/v1/encounters/${ids.encounterId}/grant`,
    'read',
  ),
  'POST /api/v1/encounters/{encounterId}/admit': visitRoute(
    (ids) => `/api/v1/encounters/${ids.encounterId}/admit`,
    'admit',
    (world) => ({ personId: world.patientId }),
  ),
  'POST /api/v1/encounters/{encounterId}/send-back': visitRoute(
    (ids) => `/api/v1/encounters/${ids.encounterId}/send-back`,
    'sendBack',
    (world) => ({ personId: world.patientId }),
  ),
  'POST /api/v1/appointments/{appointmentId}/no-show': visitRoute(
    (ids) => `/api/v1/appointments/${ids.appointmentId}/no-show`,
    'noShow',
    () => ({ version: 1 }),
  ),
  'POST /api/v1/appointments/{appointmentId}/reschedule': visitRoute(
    (ids) => `/api/v1/appointments/${ids.appointmentId}/reschedule`,
    'move',
    () => ({ version: 1, startsAt: day(3, 15) }),
  ),
  'POST /api/v1/appointments/{appointmentId}/cancel': visitRoute(
    (ids) => `/api/v1/appointments/${ids.appointmentId}/cancel`,
    'cancel',
    () => ({ version: 1 }),
  ),
  'POST /api/v1/appointments/{appointmentId}/cancel (a seat)': {
    request: (world) => ({
      path: `/api/v1/appointments/${world.sessions.seated.appointmentId}/cancel`,
      body: { version: 1, patientId: world.patientId },
    }),
    isAllowed: onVisit,
    // Where one is in a visit is one's own row, in whichever capacity.
    sameRows: isPatient,
  },
  'POST /api/v1/encounters/{encounterId}/end': visitRoute((ids) => `/api/v1/encounters/${ids.encounterId}/end`, 'end'),
  'POST /api/v1/waitlist/{entryId}/withdraw': forPatient((world) => ({
    path: `/api/v1/waitlist/${world.entryId}/withdraw`,
  })),
  'POST /api/v1/patients/{patientId}/identifiers': forAccount((world, marker) => ({
    path: `/api/v1/patients/${world.patientId}/identifiers`,
    body: { system: 'passport', value: marker },
  })),
  'DELETE /api/v1/patients/{patientId}/identifiers/{identifierId}': forAccount((world) => ({
    path: `/api/v1/patients/${world.patientId}/identifiers/${world.identifierId}`,
  })),
  'POST /api/v1/record-exports': forRecord((world) => ({
    path: '/api/v1/record-exports',
    body: { format: 'html', patientId: world.patientId, reason: 'They asked at the desk' },
  })),
  'POST /api/v1/corrections': forRecord((world) => ({
    path: '/api/v1/corrections',
    body: { about: 'other', statement: 'Wrong', proposed: 'Right', patientId: world.patientId },
  })),
  'POST /api/v1/corrections/{correctionId}/extend': onCorrection('extend'),
  'POST /api/v1/corrections/{correctionId}/accept': onCorrection('accept'),
  'POST /api/v1/corrections/{correctionId}/deny': onCorrection('deny', { note: 'It is', basis: 'not-in-record' }),
  'POST /api/v1/corrections/{correctionId}/withdraw': onCorrection('withdraw', {}),
  'POST /api/v1/corrections/{correctionId}/disagree': onCorrection('disagree'),
  'POST /api/v1/corrections/{correctionId}/rebut': onCorrection('rebut'),
  'POST /api/v1/agreements': forAccount((_world, marker) => ({
    path: '/api/v1/agreements',
    body: {
      basis: 'agreement',
      vendor: marker,
      purpose: 'Mail',
      destination: 'mail.test',
      categories: ['contact'],
      documentReference: 'Safe 1',
      validFrom: '2026-01-01',
    },
  })),
  'POST /api/v1/agreements/{agreementId}/end': forAccount((world) => ({
    path: `/api/v1/agreements/${world.agreementId}/end`,
  })),
  'POST /api/v1/access-reviews/{reviewId}/sign': forAccount((world) => ({
    path: `/api/v1/access-reviews/${world.review.id}/sign`,
    body: { sha256: world.review.sha256 },
  })),
  'POST /api/v1/payers': forAccount((_world, marker) => ({
    path: '/api/v1/payers',
    body: { name: marker, isActive: true },
  })),
  'PUT /api/v1/payers/{payerId}': forAccount((world, marker) => ({
    path: `/api/v1/payers/${world.payerId}`,
    body: { name: `${marker} anew`, isActive: true },
  })),
  'POST /api/v1/machines': forAccount((_world, marker) => ({
    path: '/api/v1/machines',
    body: { label: marker, publicKey: MACHINE_KEY, actions: ['directory.read'] },
  })),
  'DELETE /api/v1/machines/{id}': forAccount((world) => ({ path: `/api/v1/machines/${world.machineId}` })),
  'DELETE /api/v1/me/sessions/{id}': ofSession(
    (world) => ({ path: `/api/v1/me/sessions/${world.sessionId}` }),
    isPatient,
  ),
  'DELETE /api/v1/me/passkeys/{id}': ofSession(
    (world) => ({ path: `/api/v1/me/passkeys/${world.passkeyId}` }),
    isPatient,
  ),
  'DELETE /api/v1/calendar-feeds/{feedId}': ofPatient((world) => ({ path: `/api/v1/calendar-feeds/${world.feedId}` })),
  'DELETE /api/v1/grants/{grantId}': {
    request: (world) => ({ path: `/api/v1/grants/${world.grantId}` }),
    isAllowed: (world, action) =>
      byAccount(world, action) && (isPatient(world) || (isHost(world) && world.role === 'provider')),
  },
  'DELETE /api/v1/proxies/{id}': {
    request: (world) => ({ path: `/api/v1/proxies/${world.proxyId}` }),
    isAllowed: (world, action) =>
      byAccount(world, action) && ((isPatient(world) && world.role === 'patient') || isDesk(world)),
  },
  'DELETE /api/v1/care-team/{id}': forAccount((world) => ({ path: `/api/v1/care-team/${world.careTeamId}` })),
  'DELETE /api/v1/covers/{id}': {
    request: (world) => ({ path: `/api/v1/covers/${world.coverId}` }),
    isAllowed: (world, action) =>
      byAccount(world, action) && ((isHost(world) && world.role === 'provider') || isDesk(world)),
  },
  'DELETE /api/v1/emergency-access/{id}': {
    request: (world) => ({ path: `/api/v1/emergency-access/${world.emergencyId}` }),
    isAllowed: (world, action) => byAccount(world, action) && world.relation === 'break-glass',
  },
  // Last: it gives a relationship to whoever asks.
  'POST /api/v1/patients/{patientId}/emergency-access': {
    request: (world) => ({
      path: `/api/v1/patients/${world.patientId}/emergency-access`,
      body: { reason: 'Unconscious at home' },
    }),
    isAllowed: (world, action) => byAccount(world, action),
  },
};

/** Answers without an end, and ceremonies of one's own session, which name nobody: tested where they are. */
export const NOT_IN_THE_MATRIX: ReadonlySet<string> = new Set([
  'GET /api/v1/day/events',
  'POST /api/v1/me/passkeys',
  'POST /api/v1/me/passkeys/assertion',
  'POST /api/v1/me/passkeys/assertion/options',
  'POST /api/v1/me/passkeys/registration/options',
]);

/** Who may know the patient's name by any right of the table. */
export const mayKnowName = (world: World): boolean =>
  (isPatient(world) && isHome(world)) ||
  onVisit(world, 'appointment.read') ||
  byAccount(world, 'patients.search') ||
  byAccount(world, 'audit.read');

/** Who may know what was said in the visit. */
export const mayKnowWords = (world: World): boolean => onVisit(world, 'encounter.messages');
