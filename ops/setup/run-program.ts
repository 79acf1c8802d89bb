import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Killed when it takes longer. */
  timeoutMs?: number;
  /** Each line of its output, as it comes. */
  onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** Undefined when it could not be run, or was killed. */
  code: number | undefined;
  /** The last lines of what it wrote, or why it could not be run. */
  output: string;
}

const keptLines = 30;

/** Passwords and keys reach Bedside by these names; a compiler or a package manager needs none of them. */
const isOurs = (name: string): boolean => /^(BEDSIDE_|PG|DATABASE_URL$)/.test(name);

/** What a program of the set-up sees of the environment. */
export const withoutOurs = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));

/** Runs a program to its end without input; both its outputs are read as one. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const { timeoutMs, onLine, env = process.env, ...place } = options;
  const limit = timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' as const };
  const child = spawn(program, args, { ...place, ...limit, env: withoutOurs(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine?.(line);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve({ code: undefined, output: cause.message }));
    child.once('close', (code) => resolve({ code: code ?? undefined, output: lines.join('\n').trim() }));
  });
}
