import type { ClientErrorCode } from '../errors.ts';

/** Outcome of one check before a visit. `code` has its sentence in `sentenceFor`. */
export type CheckResult = { passed: true } | { passed: false; code: ClientErrorCode };

/** Something that is looked at before a visit. Running it again is allowed and looks again. */
export interface Check {
  readonly name: 'browser' | 'camera' | 'microphone' | 'network';
  run(): Promise<CheckResult>;
}
