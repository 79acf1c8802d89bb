import { createRegistry, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors, type OrganizationId, type PersonId } from '@bedside/protocol';
import type { Caller } from '../../src/caller.ts';
import type { CoreContext } from '../../src/context.ts';
import { OwnerDatabase } from '../../src/db/database.ts';
import { VisitDesk } from '../../src/encounters/visit-desk.ts';
import { createEvents } from '../../src/events.ts';
import { POLICY } from '../../src/policy/policy.ts';
import { RelayCredentials } from '../../src/relay/credentials.ts';
import { Appointments } from '../../src/scheduling/appointments.ts';
import { Bookings } from '../../src/scheduling/booking.ts';
import { Holds } from '../../src/scheduling/holds.ts';
import { createTestPhi } from './phi.ts';

/** Core's own services of booking on a database, without HTTP, for processes that race. */
export const openServices = (connectionString: string, clock: () => number) => {
  const database = OwnerDatabase.open({ url: connectionString, poolSize: 6, log: silentLogger });
  const bus = new MemoryBus({
    errors: busErrors,
    onHandlerError: (error) => {
      throw error;
    },
  });
  const context: CoreContext = {
    database,
    policy: POLICY,
    bus,
    clock,
    events: createEvents(silentLogger, createRegistry()),
    relay: new RelayCredentials({ access: undefined, bus }),
    phi: createTestPhi(),
    slotHorizonDays: 30,
  };
  const bookings = new Bookings(context);
  return {
    database,
    bookings,
    holds: new Holds(context, bookings),
    appointments: new Appointments(context, new VisitDesk(context), bookings),
  };
};

export const patientCaller = (organizationId: OrganizationId, personId: PersonId): Caller => ({
  who: { personId, organizationId, roles: ['patient'] },
  sessionHash: 'none',
  address: undefined,
  requestId: undefined,
});
