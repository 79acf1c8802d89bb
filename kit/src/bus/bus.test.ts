import { expect, it } from 'vitest';
import { subjectMatches } from './bus.ts';

it.each([
  ['a.b', 'a.b', true],
  ['a.*', 'a.b', true],
  ['*.*', 'a.b', true],
  ['a.*', 'a.b.c', false],
  ['a.*', 'a', false],
  ['a.b', 'a.c', false],
  ['a.b*', 'a.bc', false],
])('%s subscribes to %s: %s', (pattern, subject, matches) => {
  expect(subjectMatches(pattern, subject)).toBe(matches);
});
