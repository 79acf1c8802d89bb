/** The environment that tests and benchmarks run in; the one place of e2e that reads it. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
