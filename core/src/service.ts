import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Bus, type Clock, type Health, type Logger, type Registry, type Service, Teardown } from '@bedside/kit';
import { sql } from 'kysely';
import { AuditCopies } from './audit/copies.ts';
import { auditRoutes } from './audit/routes.ts';
import { AuditReading } from './audit/service.ts';
import { startAuditTrail } from './audit/trail.ts';
import { startBackground } from './background.ts';
import type { Caller } from './caller.ts';
import type { CoreConfig } from './config.ts';
import type { CoreContext } from './context.ts';
import type { Database } from './db/database.ts';
import { openWalledDatabase } from './db/open.ts';
import { HouseRules } from './directory/house-rules.ts';
import { houseRulesRoutes } from './directory/house-rules-routes.ts';
import { identifierRoutes } from './directory/identifier-routes.ts';
import { Identifiers } from './directory/identifiers.ts';
import { payerRoutes } from './directory/payer-routes.ts';
import { Payers } from './directory/payer-service.ts';
import { directoryRoutes } from './directory/routes.ts';
import { visitTypeRoutes } from './directory/visit-type-routes.ts';
import { VisitTypes } from './directory/visit-type-service.ts';
import { Agreements } from './egress/agreements.ts';
import { createEgressMetrics } from './egress/metrics.ts';
import { EgressPort } from './egress/port.ts';
import { agreementRoutes } from './egress/routes.ts';
import { serveVisits } from './encounters/bus.ts';
import { DayFeed } from './encounters/day-feed.ts';
import { Decisions } from './encounters/decisions.ts';
import { Messages } from './encounters/messages.ts';
import { PresenceDesk } from './encounters/presence.ts';
import { encounterRoutes } from './encounters/routes.ts';
import { VisitViews } from './encounters/views.ts';
import { VisitDesk } from './encounters/visit-desk.ts';
import { createEvents } from './events.ts';
import { feedRoutes } from './feeds/routes.ts';
import { CalendarFeeds } from './feeds/service.ts';
import { grantRoutes } from './grants/routes.ts';
import { Grants } from './grants/service.ts';
import { loadSigningKey } from './grants/signing-key.ts';
import { type App, createApp } from './http/app.ts';
import { machineRoutes } from './identity/machine-routes.ts';
import { ownIdentityRoutes } from './identity/own-routes.ts';
import { identityRoutes } from './identity/routes.ts';
import { Identity } from './identity/service.ts';
import { createBackgroundEvents } from './jobs/events.ts';
import { createPhi } from './phi/create-phi.ts';
import { POLICY, type Policy } from './policy/policy.ts';
import { Provisioning } from './provisioning.ts';
import { relationshipRoutes } from './relationships/routes.ts';
import { Relationships } from './relationships/service.ts';
import { type RelayAccess, RelayCredentials } from './relay/credentials.ts';
import { loadRelaySecret } from './relay/secret.ts';
import { correctionRoutes } from './rights/correction-routes.ts';
import { Corrections } from './rights/corrections.ts';
import { registerRightsMetrics } from './rights/metrics.ts';
import { recordExportRoutes } from './rights/record-export-routes.ts';
import { RecordExports } from './rights/record-exports.ts';
import { accessReviewRoutes } from './rights/review/routes.ts';
import { AccessReviews } from './rights/review/service.ts';
import { appointmentRoutes } from './scheduling/appointment-routes.ts';
import { Appointments } from './scheduling/appointments.ts';
import { availabilityRoutes } from './scheduling/availability-routes.ts';
import { Availabilities } from './scheduling/availability-service.ts';
import { Bookings } from './scheduling/booking.ts';
import { Calendars } from './scheduling/calendar.ts';
import { calendarRoutes } from './scheduling/calendar-routes.ts';
import { GroupSessions } from './scheduling/groups.ts';
import { holdRoutes } from './scheduling/hold-routes.ts';
import { Holds } from './scheduling/holds.ts';
import { PatientVisits } from './scheduling/patient-visits.ts';
import { Series } from './scheduling/series.ts';
import { slotRoutes } from './scheduling/slot-routes.ts';
import { SlotSearch } from './scheduling/slot-search.ts';
import { waitlistRoutes } from './waitlist/routes.ts';
import { Waitlist } from './waitlist/service.ts';

export interface CoreDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly clock: Clock;
  /** For tests of the database's wall alone; no setting reaches it. Absent: the policy. */
  readonly policy?: Policy;
  /** For measuring what the walls cost; no setting reaches it. Absent: the one that the config names, walled. */
  readonly database?: Database;
}

export interface Core extends Service {
  /** Answers `/api/**`, `/auth/**` and `/.well-known/jwks.json`; the rest is `not_found`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  readonly provisioning: Provisioning;
}

/**
 * Starts core: connects, migrates, answers. Errors: `ConfigError` when the database cannot be used as `DATABASE_URL`
 * names it, `MigrationError` when it does not fit this release; both messages say what to do.
 */
export const createCore = async (config: CoreConfig, deps: CoreDeps): Promise<Core> => {
  const teardown = new Teardown();
  try {
    return await compose(config, deps, teardown);
  } catch (error) {
    await teardown.close();
    throw error;
  }
};

const relayAccess = async ({ turn }: CoreConfig): Promise<RelayAccess | undefined> =>
  turn && { urls: turn.urls, secret: turn.secret ?? (await loadRelaySecret(turn.secretFile)) };

const compose = async (config: CoreConfig, deps: CoreDeps, teardown: Teardown): Promise<Core> => {
  const { bus, clock, log } = deps;
  const database = teardown.use(deps.database ?? (await openWalledDatabase(config, { log, clock })));
  const key = await loadSigningKey(config.grantKeyFile);

  const relay = new RelayCredentials({ access: await relayAccess(config), bus });
  const events = createEvents(log, deps.registry);
  const phi = teardown.use(createPhi(config.phi, { clock, events }));
  const context: CoreContext = {
    database,
    policy: deps.policy ?? POLICY,
    bus,
    clock,
    events,
    relay,
    phi,
    slotHorizonDays: config.slotHorizonDays,
  };
  const desk = new VisitDesk(context);
  const grants = new Grants({ context, desk, key, issuer: config.publicUrl });
  const identity = new Identity({ context, grants, config });
  const decisions = new Decisions(context, desk);
  const messages = new Messages(context, desk);
  const bookings = new Bookings(context);
  const holds = new Holds(context, bookings);
  const background = createBackgroundEvents({
    log,
    registry: deps.registry,
    db: database.asSystem('metrics').db,
    clock,
  });
  const egressMetrics = createEgressMetrics({ registry: deps.registry, db: database.asSystem('metrics').db, clock });
  registerRightsMetrics({ registry: deps.registry, db: database.asSystem('metrics').db, clock });
  const egress = new EgressPort({ context, onRefused: (event) => egressMetrics.refused(event) });
  const feed = new DayFeed({
    bus,
    isAlive: (caller) => identity.sessions.isLive(caller),
  });

  const app: App = await createApp({ config, context, identity });
  const identityOptions = { config, identity, onSignOut: (caller: Caller) => feed.endSession(caller) };
  identityRoutes(app, identityOptions);
  ownIdentityRoutes(app, identityOptions);
  machineRoutes(app, { ...identityOptions, context });
  directoryRoutes(app, context);
  identifierRoutes(app, context, new Identifiers(context));
  visitTypeRoutes(app, context, new VisitTypes(context));
  payerRoutes(app, new Payers(context));
  houseRulesRoutes(app, context, new HouseRules(context));
  availabilityRoutes(app, new Availabilities(context));
  slotRoutes(app, new SlotSearch(context));
  calendarRoutes(app, new Calendars(context));
  appointmentRoutes(app, {
    appointments: new Appointments(context, desk, bookings),
    patientVisits: new PatientVisits(context),
    bookings,
    series: new Series(context, bookings),
    groups: new GroupSessions(context, bookings),
  });
  holdRoutes(app, holds);
  waitlistRoutes(app, new Waitlist({ context, bookings, events: background }));
  encounterRoutes(app, { views: new VisitViews(context, desk), decisions, messages, feed });
  grantRoutes(app, { grants, key });
  feedRoutes(app, new CalendarFeeds(context, config.publicUrl));
  agreementRoutes(app, new Agreements(context));
  recordExportRoutes(app, new RecordExports(context, config.publicUrl));
  accessReviewRoutes(app, new AccessReviews(context));
  correctionRoutes(app, new Corrections(context, config.corrections));
  relationshipRoutes(app, new Relationships(context));
  auditRoutes(app, new AuditReading(context), new AuditCopies(context));
  app.get('/api/v1/openapi.json', { config: { action: 'public', rate: 'read' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  teardown.use(app);
  teardown.use(feed);
  await app.ready();
  teardown.use(serveVisits(context, { grants, decisions, presence: new PresenceDesk(context, desk), messages }));
  teardown.use(await startBackground({ config, context, desk, holds, log, events: background, egress }));
  teardown.use(startAuditTrail(config.audit, { database, clock, log, registry: deps.registry }));
  teardown.add(
    deps.health.add('database', async () => {
      await sql`SELECT 1`.execute(database.asSystem('metrics').db);
      return true;
    }),
  );

  return {
    handle: (request, response) => app.routing(request, response),
    provisioning: new Provisioning(context, bookings),
    close: () => teardown.close(),
    [Symbol.asyncDispose]: () => teardown.close(),
  };
};
