import { type TestCertificate, testCertificate } from './certificate.ts';
import { Peer } from './peer.ts';
import { startTestServer, type TestServer } from './turn-server.ts';

export interface EveryTransport extends AsyncDisposable {
  readonly certificate: TestCertificate;
  readonly peer: Peer;
  /** Listens for UDP, TCP and TLS, and relays to the peer alone. */
  readonly server: TestServer;
}

export const startEveryTransport = async (): Promise<EveryTransport> => {
  const certificate = testCertificate();
  const peer = await Peer.open();
  const server = await startTestServer({ peers: [peer.rule], kinds: ['udp', 'tcp', 'tls'], tls: certificate });
  return {
    certificate,
    peer,
    server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      certificate[Symbol.dispose]();
    },
  };
};
