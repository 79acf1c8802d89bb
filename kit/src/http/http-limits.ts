import type { IncomingMessage } from 'node:http';

export interface HttpLimits {
  /** A client that has not sent its headers, or its whole request, by then is answered 408 and cut off. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** A connection on which nothing moves for so long while it is being answered is cut off. */
  readonly stalledMs: number;
  /** An answer that is not taken by then is cut off, however slowly it moves. Event streams are not answers in this sense. */
  readonly answerTimeoutMs: number;
  /** Request line and headers together; beyond it 431. */
  readonly maxHeaderBytes: number;
  readonly maxHeaderCount: number;
  /** Of a path, and of a query; beyond them 414. */
  readonly maxPathBytes: number;
  readonly maxQueryBytes: number;
  /** Open connections beyond which new ones are dropped. */
  readonly maxConnections: number;
  /** Open connections of one address (a /64 of IPv6) beyond which a new one is answered 429. */
  readonly maxConnectionsPerAddress: number;
  /** Requests after which a connection has to be opened anew. */
  readonly maxRequestsPerConnection: number;
}

export const HTTP_LIMITS: HttpLimits = Object.freeze({
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 20_000,
  stalledMs: 60_000,
  answerTimeoutMs: 900_000,
  maxHeaderBytes: 16 * 1024,
  maxHeaderCount: 100,
  maxPathBytes: 2_048,
  // An issuer's code and state come in a query; those of large issuers have about 2 KiB.
  maxQueryBytes: 6_144,
  maxConnections: 10_000,
  // A hospital sits behind one address; a browser opens six.
  maxConnectionsPerAddress: 2_000,
  maxRequestsPerConnection: 10_000,
});

/** What is wrong with a request before anybody looks at what it asks for. The names are those of problem codes. */
export type HttpFault =
  | 'bad_request'
  | 'request_timeout'
  | 'payload_too_large'
  | 'uri_too_long'
  | 'headers_too_large'
  | 'rate_limited';

/** Whether a request is larger than anybody's honest one, or names no host where HTTP/1.1 wants it to (RFC 9112 §3.2). */
export const faultOf = (
  request: Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers' | 'httpVersion'>,
  limits: Pick<HttpLimits, 'maxHeaderCount' | 'maxPathBytes' | 'maxQueryBytes'>,
): HttpFault | undefined => {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  const pathBytes = query < 0 ? url.length : query;
  if (pathBytes > limits.maxPathBytes || url.length - pathBytes > limits.maxQueryBytes + 1) return 'uri_too_long';
  if (request.rawHeaders.length / 2 > limits.maxHeaderCount) return 'headers_too_large';
  return request.httpVersion === '1.1' && request.headers.host === undefined ? 'bad_request' : undefined;
};

/** What Node's parser and its clocks refuse (`clientError`). Undefined: there is nobody to answer. */
export const faultOfClientError = (code: string | undefined): HttpFault | undefined => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'payload_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    default:
      return 'bad_request';
  }
};
