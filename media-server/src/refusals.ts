import { AppError } from '@bedside/protocol';
import { errors } from 'mediasoup';

/**
 * Runs a step of mediasoup that takes a client's parameters and turns its failures into codes: `media_unavailable`
 * when the worker is gone, else `media_refused`. mediasoup's own messages quote values, so `detail` is ours.
 */
export const refusing = async <Result>(detail: string, step: () => Promise<Result>): Promise<Result> => {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof errors.WorkerClosedError) throw new AppError('media_unavailable', { cause });
    throw new AppError('media_refused', { cause, detail });
  }
};

/** Runs a step in which the client has no say: whatever fails is `media_unavailable`. */
export const available = async <Result>(step: () => Promise<Result>): Promise<Result> => {
  try {
    return await step();
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('media_unavailable', { cause });
  }
};
