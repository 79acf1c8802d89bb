import { ERRORS, type ErrorCode, isErrorCode, Problem, type StepUpWays } from '@bedside/protocol';

export type FieldProblem = NonNullable<Problem['errors']>[number];

/** A failed call to core. `message` is one plain sentence for the screen; `fields` and `detail` name what is wrong. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | 'unreachable';
  readonly fields: readonly FieldProblem[];
  /** `<field>: <fix>.` */
  readonly detail: string | undefined;
  /** Of `step_up_required`. */
  readonly stepUp: StepUpWays | undefined;

  constructor(
    code: ErrorCode | 'unreachable',
    given: {
      cause?: unknown;
      fields?: readonly FieldProblem[];
      detail?: string | undefined;
      stepUp?: StepUpWays | undefined;
    } = {},
  ) {
    super(
      code === 'unreachable' ? 'The clinic’s server cannot be reached. Check your connection.' : ERRORS[code].title,
      {
        cause: given.cause,
      },
    );
    this.code = code;
    this.fields = given.fields ?? [];
    this.detail = given.detail;
    this.stepUp = given.stepUp;
  }
}

/** Has the person prove anew that it is they. False where they leave it. */
type Prove = (ways: StepUpWays) => Promise<boolean>;
let prove: Prove = async () => false;

/** What `call` asks where core wants a fresh proof; once it is given, the request goes out again. */
export const setProve = (ask: Prove): void => {
  prove = ask;
};

interface Parser<Result> {
  parse(value: unknown): Result;
}

/** An answer without a body worth reading. */
export const noContent: Parser<undefined> = { parse: () => undefined };

/** `{ [name]: [...] }`, each item parsed. */
export const listOf = <Item>(name: string, item: Parser<Item>): Parser<Item[]> => ({
  parse: (value) => {
    const list = (value as Record<string, unknown> | null)?.[name];
    if (!Array.isArray(list)) throw new TypeError(`${name} is no list`);
    return list.map((one) => item.parse(one));
  },
});

const failureOf = async (response: Response): Promise<ApiError> => {
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  if (problem.success && isErrorCode(problem.data.code)) {
    return new ApiError(problem.data.code, {
      fields: problem.data.errors ?? [],
      detail: problem.data.detail,
      stepUp: problem.data.stepUp,
    });
  }
  return new ApiError(response.status === 404 ? 'not_found' : response.status < 500 ? 'bad_request' : 'unavailable');
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** Goes out even while the page is being closed. */
  readonly keepalive?: boolean;
}

/**
 * An answer of core on this page's own origin, asked with the session cookie. Where core wants a fresh proof of who asks,
 * the person is asked for one and the request is sent again. Rejects with `ApiError`; an abort rejects with the signal's
 * reason.
 */
export const answerOf = async (method: Method, path: string, options: CallOptions = {}): Promise<Response> => {
  const response = await send(method, path, options);
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (failure.stepUp === undefined || !(await prove(failure.stepUp))) throw failure;
  const second = await send(method, path, options);
  if (second.ok) return second;
  throw await failureOf(second);
};

/** The same, for an answer of which the body is read. */
export const call = async <Result>(
  method: Method,
  path: string,
  parser: Parser<Result>,
  options: CallOptions = {},
): Promise<Result> => {
  const response = await answerOf(method, path, options);
  if (parser === noContent) return parser.parse(undefined);
  try {
    return parser.parse(await response.json());
  } catch (cause) {
    throw new ApiError('internal', { cause });
  }
};

const send = async (method: Method, path: string, options: CallOptions): Promise<Response> => {
  const { body, headers, signal, keepalive } = options;
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
      ...(signal && { signal }),
      ...(keepalive && { keepalive }),
    });
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new ApiError('unreachable', { cause });
  }
};

/** A request that was given up for lack of an answer is as lost as one that never left. */
export const apiErrorOf = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError(isTimeout ? 'unreachable' : 'internal', { cause: error });
};

/** Nobody knows whether core carried it out: the request may go out again with its idempotency key. */
export const isLost = ({ code }: ApiError): boolean => code === 'unreachable' || code === 'unavailable';
