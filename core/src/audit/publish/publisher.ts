import type { Database } from '../../db/database.ts';
import { headsAfter } from '../seal-store.ts';
import type { HeadPort } from './port.ts';

/** Lines have up to a third of a megabyte. */
const PAGE = 20;

/** Sends to a port what it does not have yet. @returns how many heads that were. */
export const publishPending = async (database: Database, port: HeadPort, signal?: AbortSignal): Promise<number> => {
  let count = 0;
  let reached = await port.reached();
  while (signal?.aborted !== true) {
    const heads = await headsAfter(database.asSystem('audit').db, reached, PAGE);
    const last = heads.at(-1);
    if (last === undefined) break;
    await port.publish(heads);
    count += heads.length;
    reached = last.sequence;
  }
  return count;
};
