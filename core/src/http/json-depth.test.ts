import { describe, expect, it } from 'vitest';
import { jsonDepth } from './json-depth.ts';

describe('depth of a JSON text', () => {
  it.each([
    ['1', 0],
    ['{}', 1],
    ['{"a":[1,{"b":2}],"c":[]}', 3],
    ['"[[[["', 0],
    ['["\\"[[[[", []]', 2],
    ['["\\\\", []]', 2],
    ['"unended [[[', 0],
    ['['.repeat(60_000), 60_000],
  ])('%j', (text, depth) => {
    expect(jsonDepth(text)).toBe(depth);
  });
});
