import { describe, expect, it } from 'vitest';
import { faultOf, faultOfClientError, HTTP_LIMITS } from './http-limits.ts';

const asking = (url: string, headers = 2) => ({
  url,
  httpVersion: '1.1',
  headers: { host: 'visits.example.org' },
  rawHeaders: Array.from({ length: headers * 2 }, (_, index) => `x-${index}`),
});

describe('a request before anybody looks at what it asks for', () => {
  const { maxHeaderCount, maxPathBytes, maxQueryBytes } = HTTP_LIMITS;
  const query = (length: number) => `/x?${'q'.repeat(length)}`;

  it.each([
    ['an honest one', asking('/api/v1/slots?from=2026-03-01'), undefined],
    ['the longest path', asking('/'.padEnd(maxPathBytes, 'p')), undefined],
    ['a longer path', asking('/'.padEnd(maxPathBytes + 1, 'p')), 'uri_too_long'],
    ['the longest query', asking(query(maxQueryBytes)), undefined],
    ['a longer query', asking(query(maxQueryBytes + 1)), 'uri_too_long'],
    ['as many headers as may be', asking('/', maxHeaderCount), undefined],
    ['no host', { ...asking('/'), headers: {} }, 'bad_request'],
    ['no host in HTTP/1.0', { ...asking('/'), headers: {}, httpVersion: '1.0' }, undefined],
    ['one header more', asking('/', maxHeaderCount + 1), 'headers_too_large'],
  ])('%s: %#', (_what, request, fault) => {
    expect(faultOf(request, HTTP_LIMITS)).toBe(fault);
  });

  it('has a code for what the parser refuses, and none for who is gone', () => {
    expect(faultOfClientError('HPE_HEADER_OVERFLOW')).toBe('headers_too_large');
    expect(faultOfClientError('ERR_HTTP_REQUEST_TIMEOUT')).toBe('request_timeout');
    expect(faultOfClientError('HPE_INVALID_METHOD')).toBe('bad_request');
    expect(faultOfClientError('ECONNRESET')).toBeUndefined();
  });
});
