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
  /** `error` gives its name, code and the code frames of its stack, with those of its causes; messages may quote input and are left out. */
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

/** A line of a stack that names a place in code. A line of a message can look like one but for its end. */
const isFrame = (line: string): boolean => /^\s+at .*(:\d+:\d+|<anonymous>|native)\)?$/.test(line);

const framesOf = (error: Error): string[] => {
  const stack = error.stack ?? '';
  // The stack begins with the message, which may have lines of any look.
  const begin = stack.indexOf(error.message);
  const frames = begin < 0 ? stack : stack.slice(begin + error.message.length);
  return frames.split('\n').filter(isFrame).slice(0, 12);
};

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** How far a chain of causes is followed. */
const CAUSES_MAX = 3;

const errorFields = (error: unknown): LogFields => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const lines = framesOf(error);
  let { cause } = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth += 1) {
    lines.push(`caused by ${cause.name} ${codeOf(cause) ?? ''}`.trimEnd(), ...framesOf(cause));
    cause = cause.cause;
  }
  return { errorName: error.name, code: codeOf(error), errorStack: lines.join('\n') };
};

/** An event that is no constant may carry values, so its place is all that is told. */
const eventName = (event: string): string => (/^[a-z0-9.:_-]{1,80}$/.test(event) ? event : 'unnamed-event');

/** Writes one JSON object a line to `destination` (standard output by default). */
export const createLogger = (options: {
  service: string;
  level?: LogLevel;
  destination?: DestinationStream;
}): Logger => {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const root = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  const wrap = (logger: pino.Logger): Logger => ({
    debug: (event, fields) => logger.debug(allowed(fields), eventName(event)),
    info: (event, fields) => logger.info(allowed(fields), eventName(event)),
    warn: (event, fields) => logger.warn(allowed(fields), eventName(event)),
    error: (event, fields) =>
      logger.error(
        { ...(fields?.error === undefined ? {} : allowed(errorFields(fields.error))), ...allowed(fields) },
        eventName(event),
      ),
    child: (fields) => wrap(logger.child(allowed(fields))),
  });
  return wrap(root);
};

export const silentLogger: Logger = createLogger({ service: 'silent', level: 'silent' });
