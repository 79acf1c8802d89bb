import { type DestinationStream, pino } from 'pino';

/**
 * Every field a log line may have. What is not listed is not printed, whatever its type at run time: no name, no text
 * of a patient, no token can reach a log by being passed along with something else.
 */
const FIELDS = [
  'address',
  'attempt',
  'closeCode',
  'code',
  'count',
  'durationMs',
  'encounterId',
  'epoch',
  'errorName',
  'errorStack',
  'exitCode',
  'grantId',
  'issuer',
  'method',
  'nodeId',
  'peerId',
  'personId',
  'pid',
  'port',
  'reason',
  'requestId',
  'role',
  'roomId',
  'route',
  'sessionId',
  'signal',
  'state',
  'status',
  'subject',
  'version',
  'workerPid',
] as const;

export type LogField = (typeof FIELDS)[number];
export type LogFields = { readonly [Field in LogField]?: string | number | boolean | undefined };
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  /** `event` is a constant in kebab-case, never a sentence with values in it. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `error` gives its name and the code frames of its stack; its message may quote input and is left out. */
  error(event: string, fields?: LogFields & { error?: unknown }): void;
  child(fields: LogFields): Logger;
}

const allowed = (fields: LogFields | undefined): Record<string, string | number | boolean> => {
  const line: Record<string, string | number | boolean> = {};
  if (fields === undefined) return line;
  for (const field of FIELDS) {
    const value = fields[field];
    if (typeof value === 'string') line[field] = value.slice(0, 2000);
    else if (typeof value === 'number' || typeof value === 'boolean') line[field] = value;
  }
  return line;
};

const errorFields = (error: unknown): LogFields => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { errorName: error.name, code, errorStack: frames.slice(0, 12).join('\n') };
};

/** Writes one JSON object a line to `destination` (standard output by default). */
export const createLogger = (options: { service: string; level?: LogLevel; destination?: DestinationStream }): Logger => {
  const settings = { level: options.level ?? 'info', base: { service: options.service }, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime };
  const root = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  const wrap = (logger: pino.Logger): Logger => ({
    debug: (event, fields) => logger.debug(allowed(fields), event),
    info: (event, fields) => logger.info(allowed(fields), event),
    warn: (event, fields) => logger.warn(allowed(fields), event),
    error: (event, fields) => logger.error({ ...(fields?.error === undefined ? {} : allowed(errorFields(fields.error))), ...allowed(fields) }, event),
    child: (fields) => wrap(logger.child(allowed(fields))),
  });
  return wrap(root);
};

export const silentLogger: Logger = createLogger({ service: 'silent', level: 'silent' });
