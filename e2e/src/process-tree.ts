import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** What the process calls itself; at most 15 characters (proc(5), comm). */
  readonly name: string;
  /** Clock ticks after boot: with the pid, who the process is. */
  readonly startedAtTicks: number;
}

const statOf = async (pid: number): Promise<ProcessInfo | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may hold any character, parentheses too.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  return {
    pid,
    parentPid: Number(fields[1]),
    name: text.slice(text.indexOf('(') + 1, end),
    startedAtTicks: Number(fields[19]),
  };
};

/** A process and all that descend from it, parents first; empty when it is gone. Zombies do not count. */
export const processTree = async (rootPid: number): Promise<ProcessInfo[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(statOf))).filter((info) => info !== undefined);
  const found = all.filter(({ pid }) => pid === rootPid);
  for (const parent of found) found.push(...all.filter(({ parentPid }) => parentPid === parent.pid));
  return found;
};

/** Whether that very process still runs, and not another that got its number. */
export const isRunning = async (info: ProcessInfo): Promise<boolean> =>
  (await statOf(info.pid))?.startedAtTicks === info.startedAtTicks;

/** The kernel takes a killed process down in its own time; only one stuck in a system call needs longer. */
const KILLED_WITHIN_MS = 5_000;

/** SIGKILL to a process of ours and its descendants; resolves when none of them runs any more. */
export const killTree = async (rootPid: number): Promise<void> => {
  if (rootPid <= 1) return;
  const members = await processTree(rootPid);
  for (const { pid } of members) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  const giveUpAt = performance.now() + KILLED_WITHIN_MS;
  // Descendants are not our children: nothing tells us of their end, so it is looked for.
  for (const member of members) {
    while ((await isRunning(member)) && performance.now() < giveUpAt) await setTimeout(5);
  }
};

/**
 * Memory of a process in bytes: `rss` counts shared pages in each process that has them, `pss` shares them out, so
 * that a sum over processes is what the machine gives (proc(5), smaps_rollup).
 */
export const memoryOf = async (pid: number): Promise<{ rssBytes: number; pssBytes: number }> => {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { rssBytes: field('Rss'), pssBytes: field('Pss') };
};
