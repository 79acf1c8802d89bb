import { METHOD } from '../../src/wire/methods.ts';
import { TurnClient } from '../../test/support/turn-client.ts';
import { attribute } from '../../test/support/turn-requests.ts';
import { residentKbOf } from './processes.ts';
import { BENCH_SECRET, type BenchServer } from './servers.ts';

/** The first ones also take what a server takes but once. */
const FIRST = 50;

/** Resident memory that each further allocation over UDP takes, in kB. */
export const memoryPerAllocationKb = async (server: BenchServer, count: number): Promise<number> => {
  const clients: TurnClient[] = [];
  let before = 0;
  for (let index = 0; index < FIRST + count; index += 1) {
    if (index === FIRST) before = residentKbOf(server.pid);
    const username = `${Math.floor(Date.now() / 1000) + 3600}:memory-${index % 50}`;
    const client = await TurnClient.open({ transport: 'udp', port: server.port, username, secret: BENCH_SECRET });
    const code = await client.allocate();
    if (code !== 0) throw new Error(`${server.name} refused allocation ${index} (${code}).`);
    clients.push(client);
  }
  const each = (residentKbOf(server.pid) - before) / count;
  for (const client of clients) {
    await client.request(METHOD.refresh, [attribute.lifetime(0)]);
    client.close();
  }
  return each;
};
