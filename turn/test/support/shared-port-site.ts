import { once } from 'node:events';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { dirname, join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { createHandoffServer } from '../../src/net/http-handoff.ts';
import { type TestCertificate, testCertificate } from './certificate.ts';
import { Peer } from './peer.ts';
import { TurnClient } from './turn-client.ts';
import { startTestServer, TEST_SECRET, type TestServer, usernameFor } from './turn-server.ts';

/** The relay on a port it shares with an HTTP server, and ways to reach each of them. */
export interface SharedPortSite extends AsyncDisposable {
  readonly port: number;
  readonly certificate: TestCertificate;
  readonly peer: Peer;
  readonly server: TestServer;
  /** What has reached the HTTP server so far. */
  readonly seen: { requests: number; upgrades: number };
  /** The body of the answer, which names the path and the address the request came from, and that address itself. */
  get(path: string): Promise<{ body: string; from: string }>;
  /** An open WebSocket. */
  openWebSocket(): Promise<WebSocket>;
  openTls(options?: { ALPNProtocols?: string[] }): Promise<TLSSocket>;
  openTurn(name?: string): Promise<TurnClient>;
}

/** The HTTP server says who asked for what, and echoes the messages of WebSockets. */
const createEchoServer = (seen: SharedPortSite['seen']) => {
  const http = createServer((request, response) => {
    seen.requests += 1;
    response.end(`${request.url} for ${request.socket.remoteAddress}:${request.socket.remotePort}`);
  });
  const webSockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    seen.upgrades += 1;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      webSocket.on('error', () => webSocket.terminate());
    });
  });
  return http;
};

export const startSharedPortSite = async (): Promise<SharedPortSite> => {
  const certificate = testCertificate();
  const peer = await Peer.open();
  const seen = { requests: 0, upgrades: 0 };
  const http = createEchoServer(seen);
  const handoff = createHandoffServer(http);
  const httpUpstreamPath = join(dirname(certificate.certFile), 'http.sock');
  handoff.listen({ path: httpUpstreamPath, backlog: 1024 });
  await once(handoff, 'listening');
  const server = await startTestServer({ peers: [peer.rule], kinds: ['shared'], tls: certificate, httpUpstreamPath });
  const port = server.port('shared');
  const trusted = { host: '127.0.0.1', port, ca: certificate.cert, servername: 'localhost' } as const;
  return {
    port,
    certificate,
    peer,
    server,
    seen,
    get: async (path) => {
      const request = httpsRequest({ ...trusted, path, agent: false }).end();
      const [response] = await once(request, 'response');
      const from = `${response.socket.localAddress}:${response.socket.localPort}`;
      let body = '';
      for await (const chunk of response) body += chunk;
      return { body, from };
    },
    openWebSocket: async () => {
      const webSocket = new WebSocket(`wss://127.0.0.1:${port}/signal`, [], {
        ca: certificate.cert,
      });
      await once(webSocket, 'open');
      return webSocket;
    },
    openTls: async (options = {}) => {
      const socket = connectTls({ ...trusted, ...options });
      await once(socket, 'secureConnect');
      socket.on('error', () => {});
      return socket;
    },
    openTurn: (name = 'grant') =>
      TurnClient.open({
        transport: 'tls',
        port,
        username: usernameFor(name),
        secret: TEST_SECRET,
        ca: certificate.cert,
      }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      handoff.close();
      http.closeAllConnections();
      await peer[Symbol.asyncDispose]();
      certificate[Symbol.dispose]();
    },
  };
};
