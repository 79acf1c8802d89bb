import { once } from 'node:events';
import type { Server } from 'node:http';
import { OperatorError } from '@bedside/kit';

interface Address {
  readonly host: string;
  readonly port: number;
}

const SENTENCES: Record<string, (address: Address, variable: string) => string> = {
  EADDRINUSE: ({ host, port }, variable) =>
    `Port ${port} on ${host} is already in use, perhaps by another Bedside. ` +
    `Stop what uses it, or choose another port: ${variable}=${port === 65_535 ? 8080 : port + 1} npm start`,
  EACCES: ({ port }, variable) =>
    `This user may not listen on port ${port}. Choose one of 1024 or more: ${variable}=8080 npm start`,
  EADDRNOTAVAIL: ({ host }) =>
    `This machine has no address ${host}. Set BEDSIDE_HOST to one that it has, for example 127.0.0.1`,
  ENOTFOUND: ({ host }) =>
    `The name ${host} in BEDSIDE_HOST leads to no address. Set it to an address of this machine, for example 127.0.0.1`,
};

/** What to do about a port that could not be had; undefined for a reason that nobody foresaw. `variable` names the port. */
export const listenSentence = (code: string, address: Address, variable: string): string | undefined =>
  SENTENCES[code]?.(address, variable);

/** Listens, or rejects with a sentence that says what to do about it. */
export const listenOn = async (server: Server, address: Address, variable = 'BEDSIDE_PORT'): Promise<void> => {
  const { host, port } = address;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const sentence = listenSentence(code, { host, port }, variable);
    throw sentence === undefined ? error : new OperatorError(sentence, { cause: error });
  }
};
