import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Its first line on standard output, parsed. */
  readonly said: unknown;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  /** Beside this file. */
  file: string;
  argument: unknown;
  /** What the shell does before: a umask, another account. `"$@"` is the program. */
  shell?: string;
}

/** Runs a TypeScript program with this Node and waits for its first line. @throws with what it complained of. */
export async function startProgram({ file, argument, shell = 'exec "$@"' }: ProgramOptions): Promise<Program> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const args = ['-c', shell, 'sh', process.execPath, path, JSON.stringify(argument)];
  const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/tmp' });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = once(child, 'close');
  const first = createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const line = await Promise.race([first, ended.then(() => undefined)]);
  if (line === undefined || line.done) throw new Error(complaint || 'the program ended without a word');
  return control(child, JSON.parse(line.value), ended);
}

function control(child: ChildProcess, said: unknown, ended: Promise<unknown>): Program {
  const { pid } = child;
  if (pid === undefined) throw new Error('the program has no pid');
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { pid, said, kill, [Symbol.asyncDispose]: () => kill('SIGKILL') };
}
