import { describe, expect, it } from 'vitest';
import { refuseCrossSite } from './cross-site.ts';

const own = 'https://visits.example';
const json = { 'content-type': 'application/json' };
const judge = (method: string, headers: Record<string, string>) => () => refuseCrossSite({ method, headers }, [own]);

describe('cross-site requests', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('API2 lets %s through', (method) => {
    expect(judge(method, { origin: 'https://evil.example' })).not.toThrow();
  });

  it.each([
    [{ origin: own }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ origin: own, 'sec-fetch-site': 'same-origin' }],
  ])('API2 takes a write of its own pages: %j', (headers) => {
    expect(judge('POST', { ...json, ...headers })).not.toThrow();
  });

  it.each([
    [{}],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: `${own}.evil.example` }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: own, 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('API2 refuses a write of others: %j', (headers) => {
    expect(judge('POST', { ...json, ...headers })).toThrow(expect.objectContaining({ code: 'cross_site' }));
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    'text/plain; application/json',
  ])('API2 refuses a write of type %s', (type) => {
    expect(judge('PUT', { origin: own, 'content-type': type })).toThrow(
      expect.objectContaining({ code: 'unsupported_media_type' }),
    );
  });

  it('API2 takes a DELETE without a body', () => {
    expect(judge('DELETE', { origin: own })).not.toThrow();
    expect(judge('POST', { origin: own })).toThrow(expect.objectContaining({ code: 'unsupported_media_type' }));
  });
});
