import { once } from 'node:events';
import type { Server } from 'node:http';

const SENTENCES: Record<string, (address: { host: string; port: number }) => string> = {
  EADDRINUSE: ({ host, port }) =>
    `Port ${port} on ${host} is already in use, perhaps by another Bedside. ` +
    `Stop what uses it, or choose another port: BEDSIDE_PORT=${port === 65_535 ? 8080 : port + 1} npm start`,
  EACCES: ({ port }) =>
    `This user may not listen on port ${port}. Choose one of 1024 or more: BEDSIDE_PORT=8080 npm start`,
  EADDRNOTAVAIL: ({ host }) =>
    `This machine has no address ${host}. Set BEDSIDE_HOST to one that it has, for example 127.0.0.1`,
  ENOTFOUND: ({ host }) =>
    `The name ${host} in BEDSIDE_HOST leads to no address. Set it to an address of this machine, for example 127.0.0.1`,
};

/** Listens, or rejects with a sentence that says what to do about it. */
export const listenOn = async (server: Server, address: { host: string; port: number }): Promise<void> => {
  const { host, port } = address;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const sentence = SENTENCES[code]?.({ host, port });
    throw sentence === undefined ? error : new Error(sentence, { cause: error });
  }
};
