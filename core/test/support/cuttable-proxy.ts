import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a Postgres on a UNIX socket that can be cut and restored, as a database that goes away and comes back. */
export class CuttableProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `databaseUrl`: with its socket folder in the parameter `host`. */
  static async open(databaseUrl: string): Promise<{ proxy: CuttableProxy; url: string }> {
    const target = new URL(databaseUrl);
    const socketPath = `${target.searchParams.get('host')}/.s.PGSQL.${target.port || 5432}`;
    const server = createServer();
    const proxy = new CuttableProxy(server);
    server.on('connection', (near) => proxy.#join(near, socketPath));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { proxy, url: `postgres://${target.username}@127.0.0.1:${port}${target.pathname}` };
  }

  #join(near: Socket, socketPath: string): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(socketPath);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
