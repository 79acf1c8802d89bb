import { Agent, request } from 'node:http';

export interface BenchAnswer {
  readonly status: number;
  readonly body: string;
}

/** Kept-alive connections to one origin. */
export class BenchBrowser {
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(origin: string, connections: number) {
    this.#origin = origin;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(ask: {
    readonly method: string;
    readonly path: string;
    readonly cookie: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  }): Promise<BenchAnswer> {
    const payload = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#origin}${ask.path}`,
        {
          method: ask.method,
          agent: this.#agent,
          headers: {
            cookie: `bedside_session=${ask.cookie}`,
            origin: 'http://localhost',
            ...ask.headers,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
          );
          response.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/**
 * Sends `count` requests at a steady rate, whether or not the earlier ones were answered, and answers how long each took
 * from when it was due, in milliseconds: a server that falls behind cannot hide it.
 */
export const paced = async (options: {
  readonly perSecond: number;
  readonly count: number;
  readonly send: (index: number) => Promise<unknown>;
}): Promise<number[]> => {
  const beganAt = performance.now();
  const took: number[] = [];
  const under: Promise<void>[] = [];
  for (let index = 0; index < options.count; index++) {
    const dueAt = beganAt + (index * 1000) / options.perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    // A timer may wake late by some milliseconds: that is the generator's, not the server's.
    const sentAt = Math.max(dueAt, Math.min(performance.now(), dueAt + 20));
    under.push(options.send(index).then(() => void took.push(performance.now() - sentAt)));
  }
  await Promise.all(under);
  return took;
};
