import type { z } from 'zod';

/** Work that is done beside requests. It may be cut off at any point and done again: nothing may depend on it. */
export interface Task<Payload extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** What whoever asks for it has to say. */
  readonly payload: Payload;
  /** Crontab of five fields, UTC; undefined: only when asked for. */
  readonly cron: string | undefined;
  /** Tries in a row, later each time; a task that comes again by itself needs but one. */
  readonly maxAttempts: number;
  /** `signal` aborts when the process is told to stop. */
  run(payload: z.output<Payload>, signal: AbortSignal): Promise<void>;
}

/** Keeps the payload's type between `payload` and `run`. */
export const defineTask = <Payload extends z.ZodType>(task: Task<Payload>): Task => ({
  ...task,
  run: (payload, signal) => task.run(payload as z.output<Payload>, signal),
});
