import { type Bus, call, type Method } from '@bedside/kit';
import { busErrors, type MediaNodeId, mediaSubject } from '@bedside/protocol';
import type { z } from 'zod';

/** Commands to media nodes (`MEDIA_METHODS`), over the bus. */
export class MediaClient {
  readonly #bus: Bus;
  readonly #timeoutMs: number;

  constructor(options: { bus: Bus; timeoutMs: number }) {
    this.#bus = options.bus;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Throws the node's code, or `unavailable` when it does not answer in time. */
  send<Params extends z.ZodType, Result extends z.ZodType>(
    nodeId: MediaNodeId,
    method: Method<Params, Result>,
    params: z.input<Params>,
  ): Promise<z.output<Result>> {
    const addressed = { ...method, subject: mediaSubject(method, nodeId) };
    return call(this.#bus, addressed, params, { errors: busErrors, timeoutMs: this.#timeoutMs });
  }
}
