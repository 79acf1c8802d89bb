import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry, Health, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { type CoreConfig, createCore } from '../../src/index.ts';
import { answerSerializably } from './serializable.ts';
import { answerFromSlotRows } from './slot-rows.ts';

// Core in a process of its own, as it runs in production; the parent gives the config and takes the port.

const config = JSON.parse(process.argv[2] ?? '{}') as CoreConfig;
const core = await createCore(config, {
  bus: new MemoryBus({
    errors: busErrors,
    onHandlerError: (error) => {
      throw error;
    },
  }),
  log: silentLogger,
  registry: createRegistry(),
  health: new Health(),
  clock: systemClock,
});
const slotRows = answerFromSlotRows(config.databaseUrl);
const serializable = answerSerializably(config.databaseUrl);
const server = createServer((request, response) => {
  if (request.url?.startsWith('/slot-rows')) slotRows.answer(request, response);
  else if (request.url?.startsWith('/serializable')) serializable.answer(request, response);
  else core.handle(request, response);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', async () => {
  server.closeAllConnections();
  server.close();
  await slotRows.close();
  await serializable.close();
  await core.close();
});
