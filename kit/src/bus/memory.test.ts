import { describeBus, encodeError } from './contract.ts';
import { MemoryBus } from './memory.ts';

describeBus('MemoryBus', {
  open: async ({ onHandlerError }) => new MemoryBus({ errors: { encode: encodeError }, onHandlerError }),
});
