const hasCode = (error: unknown): error is { code: string } =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';

/** The constraint that a write broke, for exclusion (23P01) and unique (23505) violations. */
export const brokenConstraint = (error: unknown): string | undefined => {
  if (!hasCode(error) || (error.code !== '23P01' && error.code !== '23505')) return undefined;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
};

/** Whether a write named a row that is not there, or deleted one that another names (23503). */
export const isForeignKeyBroken = (error: unknown): boolean => hasCode(error) && error.code === '23503';

/** Connection exceptions (class 08), operator intervention (57), too many connections (53) and the socket's own. */
const UNREACHABLE = /^(08...|57P0.|53300|ECONN.*|ENOTFOUND|EPIPE|ETIMEDOUT|ENOENT|EAI_AGAIN)$/;
const POOL_MESSAGES = /^(timeout exceeded when trying to connect|Connection terminated|Cannot use a pool after)/;

/** Whether the database could not be reached, as opposed to having refused a statement. */
export const isDatabaseUnreachable = (error: unknown): boolean =>
  (hasCode(error) && UNREACHABLE.test(error.code)) || (error instanceof Error && POOL_MESSAGES.test(error.message));

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Check host and port, and that PostgreSQL is running',
  ENOENT: 'its socket does not exist. Check the socket folder, and that PostgreSQL is running',
  ENOTFOUND: 'its host name is not known. Check the host',
  EAI_AGAIN: 'its host name cannot be looked up now. Check the host and the name server',
  ETIMEDOUT: 'it does not answer. Check host, port and firewall',
  '28P01': 'it refused the user name or the password. Check both',
  '28000': 'it does not let this user in. Check the user and pg_hba.conf',
  '3D000': 'it has no database of that name. Create it, or check the name',
  '53300': 'it has no connection left. Raise max_connections, or stop other clients',
};

/** A sentence for whoever starts the process: what is wrong with the URL of `variable`. Never the URL itself. */
export const explainConnectionFailure = (error: unknown, variable = 'DATABASE_URL'): string => {
  const code =
    error instanceof AggregateError
      ? (error.errors as unknown[]).find(hasCode)?.code
      : hasCode(error)
        ? error.code
        : undefined;
  const reason =
    REASONS[code ?? ''] ??
    (isDatabaseUnreachable(error) ? REASONS.ETIMEDOUT : `it answered ${code ?? 'with an error'}`);
  return `${variable}: the database cannot be used: ${reason}.`;
};
