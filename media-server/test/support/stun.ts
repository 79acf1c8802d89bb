import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';

const MAGIC_COOKIE = 0x2112_a442;
const HEADER_BYTES = 20;

/** An attribute padded to four bytes (RFC 8489 §14). */
const attribute = (type: number, value: Buffer): Buffer => {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
};

const message = (transactionId: Buffer, attributes: Buffer, lengthBytes: number): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES - transactionId.length);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(lengthBytes, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([header, transactionId, attributes]);
};

/** A binding request that nominates its pair (RFC 8445 §7.1, RFC 8489 §14.5 and §14.7). */
const bindingRequest = (ice: { usernameFragment: string; password: string }): Buffer => {
  const transactionId = randomBytes(12);
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(0x6e00_01ff);
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.from(`${ice.usernameFragment}:test`)),
    attribute(0x0024, priority),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const signed = message(transactionId, attributes, attributes.length + 24);
  const integrity = attribute(0x0008, createHmac('sha1', ice.password).update(signed).digest());
  const all = Buffer.concat([attributes, integrity]);
  const checked = message(transactionId, all, all.length + 8);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(checked) ^ 0x5354_554e) >>> 0);
  return Buffer.concat([checked, attribute(0x8028, fingerprint)]);
};

/** Makes an ICE connection from a UDP port of this machine and gives the port back, free for another program to use. */
export const connectIce = async (server: {
  ip: string;
  port: number;
  usernameFragment: string;
  password: string;
}): Promise<number> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.send(bindingRequest(server), server.port, server.ip);
  await once(socket, 'message');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
};
