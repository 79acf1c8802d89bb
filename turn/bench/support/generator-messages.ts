import type { PathOptions } from './paths.ts';

export interface LoadOptions {
  readonly direction: 'up' | 'down';
  readonly packetsPerSecond: number;
  readonly forMs: number;
  /** Whose processor time is taken over the same interval. */
  readonly serverPid: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
  /** Of what was due; below one the generator could not keep up. */
  readonly sentShare: number;
  readonly cpuSeconds: number;
  readonly generatorCpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One at a time; each is answered. */
export type GeneratorCall =
  | { readonly type: 'open'; readonly options: PathOptions }
  | { readonly type: 'run'; readonly load: LoadOptions }
  | { readonly type: 'close' };

export type GeneratorReply =
  | { readonly ok: true; readonly result: LoadResult | undefined }
  | { readonly ok: false; readonly problem: string };
