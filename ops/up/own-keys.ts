import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commonHeaders, type Service } from '@bedside/kit';
import type { RequestHandler } from './edge.ts';
import { answerText } from './edge-answers.ts';

export interface OwnKeys extends Service {
  readonly url: string;
  /** Core, once it is there; until then keys are answered 503 and asked for again. */
  answerWith(core: RequestHandler): void;
}

const PATH = '/.well-known/jwks.json';

/**
 * Core's public keys for signaling in the same process, on loopback and without TLS. Where the edge speaks TLS,
 * signaling would otherwise have to reach and trust the public certificate to read keys that never left the machine.
 */
export const serveOwnKeys = async (): Promise<OwnKeys> => {
  let core: RequestHandler | undefined;
  const headers = commonHeaders(new URL('http://127.0.0.1'));
  const server = createServer((req, res) => {
    res.setHeaders(new Map(headers));
    if (req.url !== PATH) answerText(res, 404, 'There is nothing here.');
    else if (core === undefined) answerText(res, 503, 'Not yet.');
    else core.handle(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    answerWith: (handler) => {
      core = handler;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
