import { createRegistry, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import type { CoreContext } from '../../src/context.ts';
import { createEvents } from '../../src/events.ts';
import { createPhi } from '../../src/phi/create-phi.ts';
import { POLICY } from '../../src/policy/policy.ts';
import { RelayCredentials } from '../../src/relay/credentials.ts';
import type { BenchClinic } from './clinic.ts';
import { benchConfig } from './server.ts';

/** What core gives its services, for what is measured without HTTP. */
export const benchContext = (clinic: BenchClinic): CoreContext => {
  const bus = new MemoryBus({ errors: busErrors, onHandlerError: () => undefined });
  const events = createEvents(silentLogger, createRegistry());
  return {
    database: clinic.database,
    policy: POLICY,
    bus,
    clock: systemClock,
    events,
    relay: new RelayCredentials({ access: undefined, bus }),
    phi: createPhi(benchConfig(clinic).phi, { clock: systemClock, events }),
    slotHorizonDays: 30,
  };
};
