import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { serverEnv } from './cluster.ts';
import { type StopStep, stopSteps } from './leftovers.ts';
import type { Account } from './run-as.ts';

export interface PostgresExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether `close()` had been called. */
  expected: boolean;
}

export interface ServerProcessOptions {
  program: string;
  clusterDir: string;
  socketDir: string;
  account: Account | undefined;
  settings: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  log: (line: string) => void;
  /** How `stop()` goes about it; see leftovers.ts when not given. */
  stopSteps?: readonly StopStep[];
}

/** A running server. */
export interface ServerProcess {
  readonly pid: number;
  /** Fulfilled when the server is gone, for whatever reason; never rejected. */
  readonly exited: Promise<PostgresExit>;
  /** Fast shutdown, then harder ways, bounded by about 20 s in all; a second call waits for the first. */
  stop(): Promise<void>;
}

/** PostgreSQL's own port number names the socket file and nothing else here. */
export const port = 5432;

/** A server that says nothing for so long will not become ready; recovery after a crash reports every 10 s. */
const silenceMs = 60_000;
const keptLines = 20;
const readyLine = 'database system is ready to accept connections';

/**
 * `log_min_messages = log` and terse verbosity keep statements and row values, which may be a patient's, out of the
 * log: what a client did wrong is told to the client. The order of levels there is ERROR < LOG < FATAL < PANIC.
 */
const fixedSettings = (socketDir: string) => ({
  listen_addresses: '',
  unix_socket_directories: socketDir,
  unix_socket_permissions: '0700',
  port: String(port),
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '',
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_startup_progress_interval: '10s',
  lc_messages: 'C',
  timezone: 'UTC',
  log_timezone: 'UTC',
});

function spawnServer({ program, clusterDir, socketDir, account, settings }: ServerProcessOptions): ChildProcess {
  const all = { log_checkpoints: 'off', ...settings, ...fixedSettings(socketDir) };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A session of its own: the terminal's Ctrl-C is for Bedside, which closes its connections before the server goes.
  const options = { cwd: clusterDir, env: serverEnv, detached: true, ...account };
  return spawn(program, ['-D', clusterDir, ...flags], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function stopProcess(child: ChildProcess, exited: Promise<unknown>, steps: readonly StopStep[]): Promise<void> {
  for (const { signal, waitMs } of steps) {
    child.kill(signal);
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), waitMs);
    const gone = await Promise.race([exited.then(() => true), late.promise]);
    clearTimeout(timer);
    if (gone) return;
  }
}

/**
 * Starts the server and waits until it takes connections.
 * @throws when it ends, or falls silent for 60 s, before that, with its last words; or with the signal's reason.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { signal, log } = options;
  signal?.throwIfAborted();
  const child = spawnServer(options);
  await once(child, 'spawn');
  const { pid, stderr } = child;
  if (pid === undefined || stderr === null) throw new Error('postgres was spawned without a pid');

  let stopping: Promise<void> | undefined;
  const exited = new Promise<PostgresExit>((resolve) => {
    child.once('exit', (code, by) => resolve({ code, signal: by, expected: stopping !== undefined }));
  });
  const stop = () => {
    stopping ??= stopProcess(child, exited, options.stopSteps ?? stopSteps);
    return stopping;
  };

  const lastWords: string[] = [];
  const ready = Promise.withResolvers<void>();
  const silence = setTimeout(() => ready.reject(new Error('it said nothing for 60 s')), silenceMs);
  const onAbort = () => ready.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const lines = createInterface({ input: stderr });
  lines.on('line', (line) => {
    silence.refresh();
    lastWords.push(line);
    if (lastWords.length > keptLines) lastWords.shift();
    log(line);
    if (line.includes(readyLine)) ready.resolve();
  });
  // What it said last arrives after its exit: the pipe's end is what to wait for.
  lines.once('close', () => ready.reject(new Error('it ended')));
  try {
    await ready.promise;
  } catch (cause) {
    await stop();
    signal?.throwIfAborted();
    throw new Error(`The embedded Postgres did not start:\n${lastWords.join('\n')}`, { cause });
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', onAbort);
  }
  return { pid, exited, stop };
}
