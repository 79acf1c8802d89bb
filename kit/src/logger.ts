import { type DestinationStream, pino } from 'pino';

/** What the value of a field looks like. What does not is somebody's text that went the wrong way, and is not printed. */
const SHAPES = {
  number: undefined,
  /** An id of ours, or of the media plane's. */
  id: /^[A-Za-z0-9_.:-]{1,64}$/,
  /** A constant of the code: a state, a reason, a name of a class. No blanks, so no sentence and no full name. */
  word: /^[A-Za-z0-9_.:+*-]{1,120}$/,
  /** The template of a route or the name of a task, never an address that was asked for. */
  route: /^[A-Za-z0-9_.:{}*/-]{1,200}$/,
  address: /^[0-9A-Fa-f.:]{2,45}(%[A-Za-z0-9]{1,16})?$/,
  url: /^https?:\/\/[A-Za-z0-9.:[\]-]{1,200}(\/[A-Za-z0-9_./-]{0,200})?$/,
  /** Lines that a program of ours wrote for an operator, and frames of a stack. */
  text: /^/,
} as const;
type Shape = keyof typeof SHAPES;

/**
 * Every field a log line may have. What is not listed does not compile, and is not printed where it comes along at run
 * time: no name, no text of a patient, no token can reach a log by being passed with something else.
 */
const FIELDS = {
  address: 'address',
  attempt: 'number',
  closeCode: 'number',
  code: 'word',
  count: 'number',
  durationMs: 'number',
  encounterId: 'id',
  epoch: 'number',
  errorName: 'word',
  errorStack: 'text',
  exitCode: 'number',
  grantId: 'id',
  issuer: 'url',
  /** Of the embedded Postgres, which is told to keep statements and values out of what it says. */
  line: 'text',
  method: 'word',
  nodeId: 'id',
  peerId: 'id',
  personId: 'id',
  pid: 'number',
  port: 'number',
  reason: 'word',
  requestId: 'id',
  role: 'word',
  roomId: 'id',
  route: 'route',
  sessionId: 'id',
  signal: 'word',
  state: 'word',
  status: 'number',
  subject: 'word',
  version: 'word',
  workerPid: 'number',
} as const satisfies Record<string, Shape>;

export type LogField = keyof typeof FIELDS;
type ValueOf<Named extends Shape> = Named extends 'number' ? number : string;
export type LogFields = { readonly [Field in LogField]?: ValueOf<(typeof FIELDS)[Field]> | undefined };
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * A text that the code holds as it is; one that is put together while it runs does not compile. A record by such a text
 * may be empty, one by a constant has to have it.
 */
type Constant<Event extends string> = Record<never, never> extends Record<Event, 1> ? never : Event;
/** Also refuses what an object has beyond the fields there are, which types alone would let pass. */
type Declared<Fields, Also = never> = { readonly [Key in Exclude<keyof Fields, LogField | Also>]: never };

export interface Logger {
  /** `event` is a constant in kebab-case, never a sentence with values in it. */
  debug<Event extends string, Fields extends LogFields>(
    event: Constant<Event>,
    fields?: Fields & Declared<Fields>,
  ): void;
  info<Event extends string, Fields extends LogFields>(
    event: Constant<Event>,
    fields?: Fields & Declared<Fields>,
  ): void;
  warn<Event extends string, Fields extends LogFields>(
    event: Constant<Event>,
    fields?: Fields & Declared<Fields>,
  ): void;
  /** `error` gives its name, code and the code frames of its stack, with those of its causes; messages may quote input and are left out. */
  error<Event extends string, Fields extends LogFields & { error?: unknown }>(
    event: Constant<Event>,
    fields?: Fields & Declared<Fields, 'error'>,
  ): void;
  child<Fields extends LogFields>(fields: Fields & Declared<Fields>): Logger;
}

const WITHHELD = '[withheld]';
const MAX_CHARACTERS = 2_000;
const names = Object.keys(FIELDS) as LogField[];

const printable = (field: LogField, value: unknown): string | number | undefined => {
  const shape = FIELDS[field];
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  return SHAPES[shape]?.test(value) === true ? value.slice(0, MAX_CHARACTERS) : WITHHELD;
};

const allowed = (fields: LogFields | undefined): Record<string, string | number> => {
  const line: Record<string, string | number> = {};
  if (fields === undefined) return line;
  for (const field of names) {
    const value = printable(field, fields[field]);
    if (value !== undefined) line[field] = value;
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
