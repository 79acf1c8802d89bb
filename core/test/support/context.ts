import { createRegistry, silentLogger } from '@bedside/kit';
import type { CoreContext } from '../../src/context.ts';
import { createEvents } from '../../src/events.ts';
import { createPhi } from '../../src/phi/create-phi.ts';
import { POLICY } from '../../src/policy/policy.ts';
import { RelayCredentials } from '../../src/relay/credentials.ts';
import type { Clinic } from './clinic.ts';

/** What core gives its services, on the clinic's database, bus and clock, for tests that go past HTTP. */
export const contextOf = (clinic: Clinic): CoreContext => {
  const events = createEvents(silentLogger, createRegistry());
  return {
    database: clinic.database,
    policy: POLICY,
    bus: clinic.bus,
    clock: () => clinic.clock.now,
    events,
    relay: new RelayCredentials({ access: undefined, bus: clinic.bus }),
    phi: createPhi(clinic.config.phi, { clock: () => clinic.clock.now, events }),
    slotHorizonDays: clinic.config.slotHorizonDays,
  };
};
