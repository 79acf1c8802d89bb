import { z } from 'zod';
import { OperatorError } from './operator-error.ts';

/** The configuration cannot be used. The message lists every problem, one a line; it names variables, never values. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/**
 * Parses environment variables by a schema whose keys are their names. An empty variable counts as not set.
 * Throws `ConfigError` with every problem at once; what it returns is frozen.
 */
export const readEnv = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<z.ZodObject<Shape>>> => {
  const given = Object.fromEntries(Object.keys(schema.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const [name] = issue.path;
      // A rule over several variables names them in its own message.
      if (name === undefined) return issue.message;
      return name in given ? `${String(name)}: ${issue.message}` : `${String(name)}: is not set (${issue.message})`;
    }),
  );
};

/** Decimal digits only: `Number` would take a blank for 0 and `1e3` or `0x10` for numbers. */
const wholeNumber = (bounds: { min: number; max: number }, messages: { shape: string; min: string; max: string }) =>
  z
    .string(messages.shape)
    .regex(/^-?\d{1,15}$/, messages.shape)
    .transform(Number)
    .pipe(z.number().min(bounds.min, messages.min).max(bounds.max, messages.max));

/** Schemas of the values that environment variables usually hold. */
export const envVar = {
  port: () =>
    wholeNumber(
      { min: 0, max: 65_535 },
      { shape: 'must be a port number', min: 'must be 0 to 65535', max: 'must be 0 to 65535' },
    ),
  integer: (bounds: { min: number; max: number }) =>
    wholeNumber(bounds, {
      shape: 'must be a whole number',
      min: `must be at least ${bounds.min}`,
      max: `must be at most ${bounds.max}`,
    }),
  flag: () =>
    z
      .enum(['true', 'false', '1', '0'], 'must be true or false')
      .transform((value) => value === 'true' || value === '1'),
  /** Comma-separated; blanks around items are dropped. */
  list: () =>
    z.string().transform((value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  url: (protocols: readonly string[]) =>
    z
      .string()
      .refine(
        (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
        `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
      ),
} as const;
