import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Health, isLoopback, type RawAnswer, type Registry } from '@bedside/kit';
import { type ErrorCode, PROBLEM_TYPE, problemOf } from '@bedside/protocol';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: OutgoingHttpHeaders;
}

const answer = (res: ServerResponse, { status, type, body, headers }: Answer): void => {
  res.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  res.end(body);
};

export const answerText = (res: ServerResponse, status: number, text: string, headers?: OutgoingHttpHeaders): void =>
  answer(res, { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, ...(headers && { headers }) });

/** 200 when every check is ok, else 503; the body names the checks either way. */
export const answerReadiness = async (res: ServerResponse, health: Health): Promise<void> => {
  const report = await health.report();
  answer(res, { status: report.ready ? 200 : 503, type: 'application/json', body: `${JSON.stringify(report)}\n` });
};

/** A proxy on this machine calls from loopback for the whole world; it gives itself away by what it adds. */
const isForwarded = (req: IncomingMessage): boolean =>
  ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => req.headers[name] !== undefined);

/** Prometheus text for a caller on this machine; anybody else gets what a page that does not exist gives. */
export const answerMetrics = async (
  req: IncomingMessage,
  res: ServerResponse,
  options: { registry: Registry },
): Promise<void> => {
  if (!isLoopback(req.socket.remoteAddress) || isForwarded(req)) {
    answerText(res, 404, 'There is nothing here.');
    return;
  }
  await answerRegistry(res, options.registry);
};

/** Prometheus text. */
export const answerRegistry = async (res: ServerResponse, registry: Registry): Promise<void> =>
  answer(res, { status: 200, type: registry.contentType, body: await registry.metrics() });

/** A problem document (RFC 9457) where nobody of ours is asked any more. */
export const problemAnswer = (code: ErrorCode, headers: ReadonlyMap<string, string>): RawAnswer => {
  const problem = problemOf(code);
  const all = new Map(headers);
  if (code === 'rate_limited') all.set('retry-after', '10');
  return { status: problem.status, headers: all, type: PROBLEM_TYPE, body: JSON.stringify(problem) };
};
