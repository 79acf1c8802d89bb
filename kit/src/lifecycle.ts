import type { Logger } from './logger.ts';
import { OperatorError } from './operator-error.ts';

/** What a composition root gives back. `close()` is idempotent and ends everything the service started. */
export interface Service extends AsyncDisposable {
  close(): Promise<void>;
}

type Release = () => void | Promise<void>;

/** Collects what has to be undone and undoes it once, last first; a failure does not keep the rest from being undone. */
export class Teardown implements Service {
  readonly #releases: Release[] = [];
  #closing: Promise<void> | undefined;
  #closed = false;

  /** What is added after `close()` has run, by a start that was overtaken, is undone at once. */
  add(release: Release): void {
    if (this.#closed) void Promise.resolve().then(release);
    else this.#releases.push(release);
  }

  /** Remembers a resource and hands it on. */
  use<Resource extends { close(): unknown }>(resource: Resource): Resource {
    this.add(async () => {
      await resource.close();
    });
    return resource;
  }

  /** Throws an `AggregateError` of whatever went wrong, after everything was tried. */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#closed = true;
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface MainOptions {
  readonly log: Logger;
  /** Starts the service. `signal` aborts when the process is told to stop while it still starts. */
  readonly start: (signal: AbortSignal) => Promise<Service>;
  /** Longest a clean stop may take before the process ends anyway. */
  readonly closeTimeoutMs?: number;
  /** Writes a sentence for the person at the terminal. */
  readonly say?: (line: string) => void;
}

/**
 * Runs a process around a service: SIGINT, SIGTERM and SIGHUP close it; a second one, or a close that takes too long,
 * ends it at once. Sets the exit code: 0 after a clean stop, 1 when it could not start or failed on the way.
 */
export const runMain = async (options: MainOptions): Promise<void> => {
  const stop = new AbortController();
  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));
  let told = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (told) process.exit(1);
    told = true;
    options.log.info('stopping', { signal });
    stop.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const fail = (event: 'uncaught-exception' | 'unhandled-rejection' | 'not-closed', error: unknown) => {
    options.log.error(event, { error });
    process.exitCode = 1;
    stop.abort(error);
  };
  process.on('uncaughtException', (error) => fail('uncaught-exception', error));
  process.on('unhandledRejection', (error) => fail('unhandled-rejection', error));

  // From the moment it is told to stop, be it while it still starts.
  stop.signal.addEventListener('abort', () => setTimeout(() => process.exit(1), options.closeTimeoutMs ?? 10_000), {
    once: true,
  });

  let service: Service | undefined;
  try {
    service = await options.start(stop.signal);
  } catch (error) {
    // A start that ends because it was told to is a clean stop.
    if (!told) {
      process.exitCode = 1;
      say(error instanceof Error ? error.message : String(error));
      // Who is at the terminal has read all there is to know; what nobody expected keeps its place in the code.
      if (error instanceof OperatorError) options.log.info('not-started', { errorName: error.name });
      else options.log.error('failed', { error });
    }
  }
  try {
    if (service !== undefined && !stop.signal.aborted)
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    await service?.close();
  } catch (error) {
    fail('not-closed', error);
  }
  process.exit();
};
