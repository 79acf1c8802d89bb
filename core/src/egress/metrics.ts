import { Counter, Gauge, type Registry } from '@bedside/kit';
import type { Db } from '../db/database.ts';
import type { EgressRefusal } from './model.ts';
import { countExpiring } from './store.ts';

/** Tells of what was refused, and of agreements that end soon. */
export const createEgressMetrics = (options: {
  registry: Registry;
  db: Db;
  clock: () => number;
}): { refused(event: { reason: EgressRefusal }): void } => {
  const registers = [options.registry];
  const refusals = new Counter({
    name: 'bedside_core_egress_refused_total',
    help: 'Data of patients that did not leave because no agreement in force lets it.',
    labelNames: ['reason'],
    registers,
  });
  new Gauge({
    name: 'bedside_core_agreements_expiring',
    help: 'Hosts that may be sent data of patients and, as things stand, may not in 30 days.',
    registers,
    async collect() {
      const count = await countExpiring(options.db, new Date(options.clock())).catch(() => undefined);
      if (count !== undefined) this.set(count);
    },
  });
  return { refused: ({ reason }) => refusals.inc({ reason }) };
};
