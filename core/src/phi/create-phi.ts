import type { Clock } from '@bedside/kit';
import type { PhiConfig } from '../config.ts';
import { FileKek } from './kek/file-kek.ts';
import { KEK_KINDS, type KekKind } from './kek/port.ts';
import { KekRing } from './kek/ring.ts';
import { Phi, type PhiEvents } from './phi.ts';

const kindOf = (kek: string): KekKind => KEK_KINDS.find((kind) => kek === kind || kek.startsWith(`${kind}:`)) ?? 'file';

/** Every kind of KEK that the configuration lets this process use. */
export const createRing = (config: PhiConfig): KekRing =>
  new KekRing([new FileKek(config.keyFile)], kindOf(config.kek));

export const createPhi = (
  config: PhiConfig,
  deps: { readonly clock: Clock; readonly events: PhiEvents; readonly ring?: KekRing },
): Phi =>
  new Phi({
    ring: deps.ring ?? createRing(config),
    clock: deps.clock,
    events: deps.events,
    cacheKeys: config.cacheKeys,
    cacheMs: config.cacheMs,
  });
