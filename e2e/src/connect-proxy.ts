import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** An HTTP proxy that only tunnels (CONNECT, RFC 9110 §9.3.6), as many hospitals have one. */
export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** `host:port` of every tunnel that was asked for. */
  readonly targets: readonly string[];
}

export const startConnectProxy = async (): Promise<ConnectProxy> => {
  const targets: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((_req, res) => res.writeHead(403).end());
  server.on('connect', (req, client: Socket, head: Buffer) => {
    const target = req.url ?? '';
    targets.push(target);
    const end = target.lastIndexOf(':');
    const upstream = connect(Number(target.slice(end + 1)), target.slice(0, end), () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
    });
    open.add(upstream);
    upstream.once('close', () => open.delete(upstream));
    pipeline(client, upstream, () => undefined);
    pipeline(upstream, client, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};
