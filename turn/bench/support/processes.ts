import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Of Linux on every platform Node runs on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** User and system time of a whole process so far. */
export const cpuSecondsOf = (pid: number): number => {
  // The name may hold blanks and brackets; what follows its last bracket is columns.
  const columns = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(columns[11]) + Number(columns[12])) / CLOCK_TICKS_PER_SECOND;
};

export const residentKbOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Whether processes can be kept to a core each (`taskset`, of util-linux), one for the server and one for the load. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;

/** Starts a process on that core, where processes can be kept to one. */
export const spawnOn = (core: 0 | 1, command: readonly string[], options: SpawnOptions): ChildProcess => {
  const [program = '', ...values] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  return spawn(program, values, options);
};
