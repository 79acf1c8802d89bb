import { constants } from 'node:os';
import { killTree, processTree } from '../src/process-tree.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const REPEAT_MS = 500;
/** Longest that cleaning up after a signal may take. */
const GIVE_UP_MS = 15_000;

const children = async (): Promise<number[]> =>
  (await processTree(process.pid)).filter(({ parentPid }) => parentPid === process.pid).map(({ pid }) => pid);

const endChildren = async (): Promise<void> => {
  for (const pid of await children()) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It ended by itself meanwhile.
    }
  }
};

/**
 * Runs a benchmark so that nothing of it stays when it is stopped: a signal ends what it has started, whereupon its own
 * `await using` undo the rest (profiles, data). Ends the process then, with 128 + the signal's number.
 */
export const runBench = async (work: () => Promise<void>): Promise<void> => {
  let stoppedBy: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppedBy !== undefined) return;
    stoppedBy = signal;
    const code = 128 + constants.signals[signal];
    void endChildren();
    // What the benchmark was about to start when the signal came is ended as well.
    setInterval(() => void endChildren(), REPEAT_MS);
    setTimeout(async () => {
      for (const pid of await children()) await killTree(pid);
      process.exit(code);
    }, GIVE_UP_MS);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await work();
  } catch (error) {
    if (stoppedBy === undefined) throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
  if (stoppedBy !== undefined) process.exit(128 + constants.signals[stoppedBy]);
};
