/**
 * A visit and its peer in a thread of their own, so that the delays measured are the relay's and not those of whoever
 * loads it. Says `{peer}` first, starts at the message `start`, ends at `end` and says `{result}`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Peer } from './peer.ts';
import { runVisit } from './running-visit.ts';
import { TurnClient } from './turn-client.ts';
import type { VisitOrder, VisitThreadOptions } from './visit-in-thread.ts';

const options = workerData as VisitThreadOptions;
const owner = parentPort;
if (owner === null) throw new Error('visit-thread.ts is a worker thread, not a program.');

const peer = await Peer.open();
let visit: Awaited<ReturnType<typeof runVisit>> | undefined;

const start = async (): Promise<void> => {
  visit = await runVisit(await TurnClient.open({ transport: 'tls', ...options }), peer);
  owner.postMessage({ started: true });
};
const end = async (): Promise<void> => {
  owner.postMessage({ result: await visit?.end() });
  await peer[Symbol.asyncDispose]();
  owner.close();
};
owner.on('message', (order: VisitOrder) => void (order === 'start' ? start() : end()));
owner.postMessage({ peer: peer.rule });
