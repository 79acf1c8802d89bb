import type { IssuerChoice } from '@bedside/protocol';
import { Issuer } from './issuer.ts';
import type { IssuerConfig } from './issuer-config.ts';
import type { StepUpRule } from './step-up.ts';

/** All issuers of this installation. */
export class Issuers {
  readonly all: readonly Issuer[];

  constructor(options: { configs: readonly IssuerConfig[]; publicUrl: string; clock: () => number }) {
    const { publicUrl, clock } = options;
    this.all = options.configs.map((config) => new Issuer({ config, publicUrl, clock }));
  }

  byId(id: string): Issuer | undefined {
    return this.all.find((issuer) => issuer.config.id === id);
  }

  /** By the name that it gives itself. */
  byUrl(url: string | null): Issuer | undefined {
    return this.all.find((issuer) => issuer.config.issuer === url);
  }

  /** The one there is; undefined where people have to choose. */
  get only(): Issuer | undefined {
    return this.all.length === 1 ? this.all[0] : undefined;
  }

  get choices(): IssuerChoice[] {
    return this.all.map(({ config }) => ({ id: config.id, label: config.label, for: config.for }));
  }

  /** What a session of this issuer's needs for sensitive acts. One that is no longer configured has to sign in again. */
  stepUpRule(issuer: string | null): StepUpRule {
    return this.byUrl(issuer)?.config.stepUp ?? this.only?.config.stepUp ?? { by: 'sign-in' };
  }
}
