import type { Logger } from '@bedside/kit';
import { Logger as WorkerLogger } from 'graphile-worker';

/** The queue's own log, through ours. Its sentences quote errors, so only their places are told. */
export const workerLog = (log: Logger): WorkerLogger =>
  new WorkerLogger((scope) => (level, _sentence, meta) => {
    const fields = { state: scope.label, route: scope.taskIdentifier };
    // What fails in a task is told by the task's own wrapper.
    if (level === 'error' && meta.failure !== true) log.error('job-queue', { ...fields, error: meta.error });
    else if (level === 'warning') log.warn('job-queue', fields);
  });
