import { describe, expect, it } from 'vitest';
import { parseReturnTo } from './return-to.ts';

describe('return_to', () => {
  it.each([
    [undefined, '/'],
    ['', '/'],
    ['/', '/'],
    ['/visit/1?x=%2F%2Fevil.example#top', '/visit/1?x=%2F%2Fevil.example#top'],
  ])('%s leads to %s', (value, expected) => {
    expect(parseReturnTo(value)).toBe(expected);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/%0d/..//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    ' /visit',
    'visit',
    '/visit\nSet-Cookie: a=b',
    `/${'a'.repeat(500)}`,
  ])('refuses %j', (value) => {
    expect(() => parseReturnTo(value)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
