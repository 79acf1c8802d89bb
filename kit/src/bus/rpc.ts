import type { z } from 'zod';
import { type Bus, BusError, type BusSubscription } from './bus.ts';

/** A request/reply contract: where to ask, and the schemas of what is asked and answered. */
export interface Method<Params extends z.ZodType, Result extends z.ZodType> {
  readonly subject: string;
  readonly params: Params;
  readonly result: Result;
}

/** Turns what crossed the bus as an error into one that the caller's own code throws and catches. */
export interface RpcErrors {
  /** A responder's error, as its codec encoded it. */
  decode(body: unknown): Error;
  /** Nobody answered, or not in time. */
  unavailable(cause: BusError): Error;
  /** What was asked does not fit the contract; `field` is a path in it. */
  invalid(field: string): Error;
}

/** Asks and parses the answer. Throws what `errors` makes of a failure. */
export const call = async <Params extends z.ZodType, Result extends z.ZodType>(
  bus: Bus,
  method: Method<Params, Result>,
  params: z.input<Params>,
  options: { errors: RpcErrors; timeoutMs?: number; signal?: AbortSignal },
): Promise<z.output<Result>> => {
  try {
    const answer = await bus.request(method.subject, params, {
      timeoutMs: options.timeoutMs ?? 5_000,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return method.result.parse(answer ?? {});
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    throw error.reason === 'failed' ? options.errors.decode(error.body) : options.errors.unavailable(error);
  }
};

/** Answers a method; what does not fit its schema is refused before the handler sees it. */
export const serve = <Params extends z.ZodType, Result extends z.ZodType>(
  bus: Bus,
  method: Method<Params, Result>,
  handler: (params: z.output<Params>) => z.input<Result> | Promise<z.input<Result>>,
  options: { errors: RpcErrors },
): BusSubscription =>
  bus.respond(method.subject, async (payload) => {
    const params = method.params.safeParse(payload ?? {});
    if (!params.success) throw options.errors.invalid(params.error.issues[0]?.path.join('.') ?? '');
    return handler(params.data);
  });
