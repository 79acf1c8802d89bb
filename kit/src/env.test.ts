import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, envVar, readEnv } from './env.ts';

const schema = z.object({
  PORT: envVar.port().default(8080),
  COUNT: envVar.integer({ min: 1, max: 4 }).optional(),
  DEMO: envVar.flag().default(false),
  ORIGINS: envVar.list().optional(),
  DATABASE: envVar.url(['postgres:']),
});
const good = { DATABASE: 'postgres://localhost/x' };

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('readEnv', () => {
  it('gives defaults, takes an empty variable for one that is not set, and ignores others', () => {
    expect(readEnv(schema, { ...good, PORT: '', OTHER: 'x' })).toEqual({
      PORT: 8080,
      DEMO: false,
      DATABASE: good.DATABASE,
    });
  });

  it('parses what variables hold', () => {
    expect(readEnv(schema, { ...good, PORT: '0', COUNT: '4', DEMO: '1', ORIGINS: ' a, b ,,' })).toMatchObject({
      PORT: 0,
      COUNT: 4,
      DEMO: true,
      ORIGINS: ['a', 'b'],
    });
  });

  it('freezes what it gives', () => {
    expect(Object.isFrozen(readEnv(schema, good))).toBe(true);
  });

  it('reports every problem at once, by name', () => {
    const problems = problemsOf(() => readEnv(schema, { PORT: '70000', COUNT: '5', DEMO: 'perhaps' }));
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'COUNT', 'DEMO', 'DATABASE']);
    expect(problems[3]).toContain('is not set');
  });

  it('prints no value of a variable', () => {
    const canary = 'canary-7f3a';
    const read = () =>
      readEnv(schema, { PORT: canary, COUNT: canary, DEMO: canary, ORIGINS: canary, DATABASE: `http://${canary}` });
    expect(problemsOf(read)).toHaveLength(4);
    expect(() => read()).toThrow(expect.objectContaining({ message: expect.not.stringContaining(canary) }));
  });

  it('tells a rule over several variables in its own words', () => {
    const together = schema.refine((env) => env.COUNT !== undefined || env.DEMO, 'set COUNT or DEMO');
    expect(problemsOf(() => readEnv(together, good))).toEqual(['set COUNT or DEMO']);
  });

  it.each([' ', '1e3', '0x10', '1.5', '-1', 'NaN', '65536'])('does not take %j for a port', (value) => {
    expect(problemsOf(() => readEnv(schema, { ...good, PORT: value }))).toHaveLength(1);
  });
});
