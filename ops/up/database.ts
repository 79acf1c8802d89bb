import { join } from 'node:path';
import type { Logger, Service } from '@bedside/kit';
import { backoffMs } from '@bedside/protocol';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../postgres/launcher.ts';

export interface Database extends Service {
  /** As the application. */
  readonly url: string;
  /** As the owner, for migrations. */
  readonly migrationUrl: string;
}

/**
 * Runs the embedded Postgres and starts it again when it ends by itself (killed, out of memory): the socket stays where
 * it was, core's pool reconnects, and visits that are under way do not need it meanwhile.
 */
export const runDatabase = async (options: {
  dataDir: string;
  cacheDir: string;
  log: Logger;
  signal: AbortSignal;
}): Promise<Database> => {
  const { log } = options;
  const closed = new AbortController();
  const start = (signal: AbortSignal) =>
    startEmbeddedPostgres({
      dataDir: join(options.dataDir, 'postgres'),
      cacheDir: options.cacheDir,
      log: (line) => log.debug('postgres', { line }),
      signal,
    });

  let server: EmbeddedPostgres = await start(options.signal);
  const { applicationConnectionString: url, connectionString: migrationUrl } = server;

  const restart = async (): Promise<void> => {
    for (let attempt = 0; !closed.signal.aborted; attempt++) {
      try {
        // What the ended server held (lock, socket folder) is let go before another takes it.
        await server.close();
        server = await start(closed.signal);
        log.warn('postgres-restarted', { attempt });
        return;
      } catch (error) {
        if (closed.signal.aborted) return;
        log.error('postgres-restart-failed', { attempt, error });
        await wait(backoffMs({ attempt, baseMs: 200, maxMs: 10_000, random: Math.random }), closed.signal);
      }
    }
  };

  const watch = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      const exit = await server.exited;
      if (closed.signal.aborted) return;
      log.error('postgres-ended', { exitCode: exit.code ?? undefined, signal: exit.signal ?? undefined });
      await restart();
    }
  };
  const watching = watch();

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      closed.abort();
      await server.close();
      await watching;
      await server.close();
    })();
    return closing;
  };
  return { url, migrationUrl, close, [Symbol.asyncDispose]: close };
};

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
