import type { Clock } from '@bedside/kit';
import type { PhiConfig } from '../config.ts';
import { AwsKmsKek } from './kek/aws-kms-kek.ts';
import { FileKek } from './kek/file-kek.ts';
import { Pkcs11Kek } from './kek/pkcs11-kek.ts';
import { KEK_KINDS, type KekKind, type KekPort } from './kek/port.ts';
import { KekRing } from './kek/ring.ts';
import { Phi, type PhiEvents } from './phi.ts';

const kindOf = (kek: string): KekKind => KEK_KINDS.find((kind) => kek === kind || kek.startsWith(`${kind}:`)) ?? 'file';

/** Every kind of KEK that the configuration lets this process use. */
export const createRing = (config: PhiConfig): KekRing => {
  const { pkcs11, awsKms, kek } = config;
  const ports: KekPort[] = [new FileKek(config.keyFile)];
  if (pkcs11 !== undefined) ports.push(new Pkcs11Kek(pkcs11, kek));
  if (awsKms !== undefined) ports.push(new AwsKmsKek(awsKms, kek));
  return new KekRing(ports, kindOf(kek));
};

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
