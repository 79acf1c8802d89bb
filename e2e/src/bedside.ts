import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { takePorts } from '@bedside/kit/ports';
import { makeTempDir, type TempDir } from '@bedside/kit/temp-dir';
import { environment } from './env.ts';
import { isRunning, killTree, type ProcessInfo, processTree } from './process-tree.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = 'ops/up/main.ts';
const READY = /Bedside is ready at (\S+)/;
const MAX_OUTPUT_CHARACTERS = 1_000_000;

export interface BedsideOptions {
  /** Added to the environment, over what is set here. */
  readonly env?: Readonly<Record<string, string>>;
  /** The port; any free one when left out. */
  readonly port?: number;
  /** Data of an earlier start; when left out, a fresh folder that goes away with `close()`. */
  readonly dataDir?: string;
  readonly readyTimeoutMs?: number;
  /** A command that runs the program somewhere else, such as in another network. It has to become the program. */
  readonly within?: readonly string[];
  /** What Node runs; `ops/up/main.ts` when left out. */
  readonly program?: string;
}

export interface Bedside extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** From the start of the process to the line that says it is ready. */
  readonly readyAfterMs: number;
  /** Everything it has written so far, both streams. */
  output(): string;
  /** It and all its descendants now. */
  processes(): Promise<ProcessInfo[]>;
  /** SIGINT, as Ctrl-C sends it; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the process alone, or with all its descendants; what is left running is given back. */
  kill(what: 'process' | 'tree'): Promise<ProcessInfo[]>;
  /** Stops it however it can be stopped, and removes its data unless that was given. */
  close(): Promise<void>;
}

/** It ended, or was given up, before it was ready. The message holds the end of its output. */
export class BedsideStartError extends Error {
  override readonly name = 'BedsideStartError';
  readonly exitCode: number | null;
  readonly output: string;

  constructor(reason: string, exit: { exitCode: number | null; output: string }) {
    super(`${reason}\n${exit.output.slice(-4_000)}`);
    this.exitCode = exit.exitCode;
    this.output = exit.output;
  }
}

const exited = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

const waitForReady = async (child: ChildProcess, output: () => string, timeoutMs: number): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const look = (): void => {
    const address = READY.exec(output())?.[1];
    if (address !== undefined) resolve(address);
  };
  const fail = (reason: string): void =>
    reject(new BedsideStartError(reason, { exitCode: child.exitCode, output: output() }));
  const timer = setTimeout(() => fail(`It was not ready after ${timeoutMs} ms.`), timeoutMs);
  child.stdout?.on('data', look);
  child.stderr?.on('data', look);
  // `close` comes after the last of the output, `exit` may come before it.
  child.once('close', () => fail('It ended before it was ready.'));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.stdout?.off('data', look);
    child.stderr?.off('data', look);
  }
};

/** Starts the program of `npm start` in demo mode, on a port and data of its own. Throws `BedsideStartError`. */
export const startBedside = async (options: BedsideOptions = {}): Promise<Bedside> => {
  const port = options.port ?? (await takePorts());
  const data: Pick<TempDir, 'path'> & Partial<TempDir> =
    options.dataDir === undefined ? await makeTempDir() : { path: options.dataDir };
  const dataDir = data.path;
  const startedAt = performance.now();
  const [command = process.execPath, ...args] = [...(options.within ?? []), process.execPath, options.program ?? MAIN];
  const child = spawn(command, args, {
    cwd: ROOT,
    env: {
      ...environment,
      BEDSIDE_PORT: String(port),
      BEDSIDE_DATA_DIR: dataDir,
      BEDSIDE_DEMO: 'true',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const output = (): string => text;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-MAX_OUTPUT_CHARACTERS);
    });
  }
  const pid = child.pid ?? 0;
  const removeData = async (): Promise<void> => data[Symbol.asyncDispose]?.();

  /** Everything of it that was ever seen: what outlives a killed parent is no descendant any more. */
  const seen = new Map<number, ProcessInfo>();
  const processes = async (): Promise<ProcessInfo[]> => {
    const members = await processTree(pid);
    for (const member of members) seen.set(member.pid, member);
    return members;
  };
  const kill = async (what: 'process' | 'tree'): Promise<ProcessInfo[]> => {
    const before = await processes();
    if (what === 'tree') await killTree(pid);
    else child.kill('SIGKILL');
    await exited(child);
    const left = await Promise.all(before.map(async (info) => ((await isRunning(info)) ? info : undefined)));
    return left.filter((info) => info !== undefined);
  };
  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT');
    return exited(child);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await processes();
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await stop();
      clearTimeout(giveUp);
      for (const member of seen.values()) if (await isRunning(member)) await killTree(member.pid);
      await removeData();
    })();
    return closing;
  };

  let origin: string;
  try {
    origin = new URL(await waitForReady(child, output, options.readyTimeoutMs ?? 120_000)).origin;
  } catch (error) {
    await close();
    throw error;
  }
  const readyAfterMs = performance.now() - startedAt;
  return {
    origin,
    port,
    pid,
    dataDir,
    readyAfterMs,
    output,
    processes,
    stop,
    kill,
    close,
    [Symbol.asyncDispose]: close,
  };
};
