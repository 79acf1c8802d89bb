import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { VisitResult } from './running-visit.ts';
import type { SharedPortSite } from './shared-port-site.ts';
import { TEST_SECRET, usernameFor } from './turn-server.ts';

export type VisitOrder = 'start' | 'end';

export interface VisitThreadOptions {
  readonly port: number;
  readonly username: string;
  readonly secret: string;
  readonly ca: string;
}

/** A visit over the site's port (`runVisit`) with a peer of its own, both away from the caller's event loop. */
export const runVisitInThread = async (site: SharedPortSite): Promise<{ end(): Promise<VisitResult> }> => {
  const workerData: VisitThreadOptions = {
    port: site.port,
    username: usernameFor('visit'),
    secret: TEST_SECRET,
    ca: site.certificate.cert,
  };
  const worker = new Worker(new URL('./visit-thread.ts', import.meta.url), { workerData });
  // An error in the thread rejects what is waited for here.
  const [{ peer }] = await once(worker, 'message');
  await site.server.turn.setPeers([site.peer.rule, peer]);
  const order = async (what: VisitOrder): Promise<{ result?: VisitResult }> => {
    const answer = once(worker, 'message');
    worker.postMessage(what);
    const [message] = await answer;
    return message;
  };
  await order('start');
  return {
    end: async () => {
      const { result } = await order('end');
      if (result === undefined) throw new Error('The visit never started.');
      return result;
    },
  };
};
