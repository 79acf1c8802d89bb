import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '@bedside/kit';
import { identifyProcess, isRunning, type ProcessIdentity, parentOf } from '../process-identity.ts';

const pollMs = 20;

/** A signal and how long it gets to end a server. */
export interface StopStep {
  signal: NodeJS.Signals;
  waitMs: number;
}

/** Fast shutdown, immediate shutdown, the kernel. */
export const stopSteps: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

async function isPostgresIn(clusterDir: string, pid: number): Promise<boolean> {
  try {
    const [exe, cwd] = await Promise.all([readlink(`/proc/${pid}/exe`), readlink(`/proc/${pid}/cwd`)]);
    // A reinstall under a running server leaves "<path> (deleted)".
    return basename(exe.replace(/ \(deleted\)$/, '')) === 'postgres' && cwd === clusterDir;
  } catch {
    return false;
  }
}

/**
 * The processes of a Postgres that works on this cluster, whoever started it: those whose program is `postgres` and
 * whose working folder is the cluster, which every server process keeps for life. `postmaster.pid` alone proves
 * nothing: it outlives its process, and its pid may be anybody's by now.
 */
export async function findServerProcesses(clusterDir: string): Promise<ProcessIdentity[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map((pid) => isPostgresIn(clusterDir, pid)));
  return pids.filter((_, index) => ours[index]).flatMap((pid) => identifyProcess(pid) ?? []);
}

async function waitUntilGone(processes: readonly ProcessIdentity[], waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs;
  while (processes.some(isRunning)) {
    if (performance.now() > until) return false;
    await delay(pollMs);
  }
  return true;
}

/**
 * Ends a Postgres that a killed Bedside left behind on this cluster, and what a killed Postgres left of itself.
 * The caller holds the cluster's lock: nobody else's server can be meant.
 * @throws when a process will not go within about 20 s.
 */
export async function stopLeftovers(clusterDir: string, log: (line: string) => void): Promise<void> {
  for (const { signal, waitMs } of stopSteps) {
    const found = await findServerProcesses(clusterDir);
    if (found.length === 0) break;
    const pids = new Set(found.map(({ pid }) => pid));
    // The postmaster takes its children along; without one they are told themselves.
    const roots = found.filter(({ pid }) => !pids.has(parentOf(pid) ?? 0));
    log(`stopping a Postgres left from an earlier start (process ${roots.map(({ pid }) => pid).join(', ')})`);
    for (const root of roots) if (isRunning(root)) process.kill(root.pid, signal);
    if (await waitUntilGone(found, waitMs)) break;
  }
  const remaining = await findServerProcesses(clusterDir);
  if (remaining.length > 0) {
    const pids = remaining.map(({ pid }) => pid).join(' ');
    throw new OperatorError(`A Postgres from an earlier start does not end. Run: kill -9 ${pids}`);
  }
  await removeStalePidFile(clusterDir, log);
}

/** The server would refuse to start if the pid in it were somebody else's by now. */
async function removeStalePidFile(clusterDir: string, log: (line: string) => void): Promise<void> {
  const path = join(clusterDir, 'postmaster.pid');
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  log(`removing postmaster.pid of process ${content.split('\n', 1)[0]}, which is not a Postgres on this data any more`);
  await rm(path, { force: true });
}
