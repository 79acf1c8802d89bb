import { ERRORS, type ErrorCode, isErrorCode, Problem } from '@bedside/protocol';

export type FieldProblem = NonNullable<Problem['errors']>[number];

/** A failed call to core. `message` is one plain sentence for the screen; `fields` and `detail` name what is wrong. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | 'unreachable';
  readonly fields: readonly FieldProblem[];
  /** `<field>: <fix>.` */
  readonly detail: string | undefined;

  constructor(
    code: ErrorCode | 'unreachable',
    given: { cause?: unknown; fields?: readonly FieldProblem[]; detail?: string | undefined } = {},
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
  }
}

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
    });
  }
  return new ApiError(response.status === 404 ? 'not_found' : response.status < 500 ? 'bad_request' : 'unavailable');
};

/**
 * Calls core on this page's own origin with the session cookie. Rejects with `ApiError`; an abort rejects with the
 * signal's reason.
 */
export const call = async <Result>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  parser: Parser<Result>,
  options: {
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    /** Goes out even while the page is being closed. */
    keepalive?: boolean;
  } = {},
): Promise<Result> => {
  const { body, headers, signal, keepalive } = options;
  let response: Response;
  try {
    response = await fetch(path, {
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
  if (!response.ok) throw await failureOf(response);
  if (parser === noContent) return parser.parse(undefined);
  try {
    return parser.parse(await response.json());
  } catch (cause) {
    throw new ApiError('internal', { cause });
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
