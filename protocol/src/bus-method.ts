import { z } from 'zod';
import { AppError, type ErrorCode, isErrorCode } from './errors.ts';

/** A request/reply contract on the bus. `subject` may hold `{node}`, filled in with the media node's id. */
export interface BusMethod<Params extends z.ZodType, Result extends z.ZodType> {
  readonly subject: string;
  readonly params: Params;
  readonly result: Result;
}

export const busMethod = <Params extends z.ZodType, Result extends z.ZodType>(
  method: BusMethod<Params, Result>,
): BusMethod<Params, Result> => Object.freeze(method);

const ErrorOnBus = z.object({ code: z.string(), detail: z.string().optional() });

/** How errors cross the bus: code and detail, never a cause or a stack. It serves kit's `BusErrorCodec` and `RpcErrors`. */
export const busErrors = {
  encode: (error: unknown): { code: ErrorCode; detail?: string } =>
    error instanceof AppError
      ? { code: error.code, ...(error.detail === undefined ? {} : { detail: error.detail }) }
      : { code: 'internal' },
  decode: (body: unknown): AppError => {
    const error = ErrorOnBus.safeParse(body);
    if (!error.success) return new AppError('internal', { cause: error.error });
    const { code, detail } = error.data;
    return new AppError(isErrorCode(code) ? code : 'internal', { detail });
  },
  unavailable: (cause: Error): AppError => new AppError('unavailable', { cause }),
  invalid: (field: string): AppError => new AppError('bad_request', { detail: `${field}: does not fit the contract.` }),
};
