import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TransportAddress } from '../../src/wire/ip.ts';
import { address } from './turn-requests.ts';

/** A UDP endpoint in the SFU's place: it counts what it gets and, unless told not to, sends it back. */
export class Peer implements AsyncDisposable {
  readonly address: TransportAddress;
  readonly socket: Socket;
  received = 0;
  echoes = true;

  private constructor(socket: Socket, at: TransportAddress) {
    this.socket = socket;
    this.address = at;
    socket.on('message', (data, info) => {
      this.received += 1;
      if (this.echoes) socket.send(data, info.port, info.address);
    });
  }

  static async open(ip = '127.0.0.1'): Promise<Peer> {
    const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, ip);
    await once(socket, 'listening');
    return new Peer(socket, address(ip, socket.address().port));
  }

  get rule(): { ip: string; minPort: number; maxPort: number } {
    return { ip: this.address.ip, minPort: this.address.port, maxPort: this.address.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}
