const TIMEOUT_MS = 10_000;

/** The collector did not take a head. */
class CollectorRefused extends Error {
  override readonly name = 'CollectorRefused';
  readonly code: string;

  constructor(status: number) {
    super('The collector of audit heads refused one.');
    this.code = `HTTP_${status}`;
  }
}

/**
 * Posts the signed head of a batch of audit events. Outside of the port: a head holds counts, hashes, instants and a
 * signature (`audit/verify/head.ts`), and from none of them anybody can tell whom an event is about.
 */
export const postAuditHead = async (
  collector: { readonly url: string; readonly token: string | undefined },
  { line, hash }: { readonly line: string; readonly hash: string },
): Promise<void> => {
  const response = await fetch(collector.url, {
    method: 'POST',
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': hash,
      ...(collector.token === undefined ? {} : { authorization: `Bearer ${collector.token}` }),
    },
    body: line,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new CollectorRefused(response.status);
};
