import { Gauge, type Registry } from '@bedside/kit';
import type { Db } from '../db/database.ts';
import { countOverdue } from './correction-store.ts';

/** Asked for at every scrape; without the database it stays as it was. */
export const registerRightsMetrics = (options: { registry: Registry; db: Db; clock: () => number }): void => {
  new Gauge({
    name: 'bedside_core_corrections_overdue',
    help: 'Requests for correction whose time to be answered is over.',
    registers: [options.registry],
    async collect() {
      const count = await countOverdue(options.db, new Date(options.clock())).catch(() => undefined);
      if (count !== undefined) this.set(count);
    },
  });
};
