import { once } from 'node:events';
import { createServer } from 'node:net';
import { takePorts } from '@bedside/kit/ports';
import { type BedsideOptions, BedsideStartError, startBedside } from '../../src/bedside.ts';

/** Starts Bedside where it cannot start; what it said, and how it ended. Throws when it becomes ready. */
export const refusedStart = async (options: BedsideOptions): Promise<{ exitCode: number | null; said: string }> => {
  try {
    await using bedside = await startBedside(options);
    throw new Error(`Bedside started all the same, at ${bedside.origin}`);
  } catch (error) {
    if (!(error instanceof BedsideStartError)) throw error;
    return { exitCode: error.exitCode, said: error.output.trim() };
  }
};

export interface PretendPostgres extends AsyncDisposable {
  readonly url: string;
}

/**
 * Something at a port where a PostgreSQL is expected: refuses every start of a session with an SQLSTATE, or, without
 * one, takes the connection and says nothing. (Message formats: PostgreSQL documentation, 54.7.)
 */
export const pretendPostgres = async (sqlState?: string): Promise<PretendPostgres> => {
  // A port of its own, also after it was disposed of: then nothing listens there.
  const port = await takePorts();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (sqlState === undefined) return;
      const fields = `SFATAL\0VFATAL\0C${sqlState}\0Mrefused\0\0`;
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeInt32BE(fields.length + 4, 1);
      socket.end(Buffer.concat([head, Buffer.from(fields)]));
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `postgres://clinic:hunter2@127.0.0.1:${port}/clinic`,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
};
