import { readFileSync } from 'node:fs';

/**
 * A process as nothing but itself: a pid alone is reused within hours, and within seconds in a container, so the
 * start time since boot (clock ticks, proc(5) stat field 22) and the boot stand beside it.
 */
export interface ProcessIdentity {
  pid: number;
  startTicks: string;
  bootId: string;
}

const startTimeField = 22;
const firstFieldAfterName = 3;

/** The fields of /proc/<pid>/stat from the state on; undefined when there is no such process. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and parentheses: what follows the last one is plain.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Who runs under this pid now; undefined when nobody does, or only what is left of them (a zombie). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  const startTicks = fields?.[startTimeField - firstFieldAfterName];
  if (fields === undefined || startTicks === undefined || fields[0] === 'Z') return undefined;
  return { pid, startTicks, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
}

/** The pid of the process that this one answers to; undefined when there is no such process. */
export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks && a.bootId === b.bootId;
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const current = identifyProcess(identity.pid);
  return current !== undefined && isSameProcess(current, identity);
}
