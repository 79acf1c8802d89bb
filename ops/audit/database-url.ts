import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '@bedside/kit';
import { applicationUser, connectionStringOf } from '../postgres/launcher.ts';

/**
 * The embedded Postgres of a Bedside that runs, as the application, by what its postmaster wrote down (postmaster.pid: line 4 is the port,
 * line 5 the socket's folder).
 */
export const embeddedDatabaseUrl = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const [, , , port, host] = text?.split('\n') ?? [];
  if (!port || !host)
    throw new OperatorError(
      `No Bedside runs on ${dataDir}. Start it (npm start), name its folder (BEDSIDE_DATA_DIR), or name a database of your own (DATABASE_URL).`,
    );
  return connectionStringOf({ host, port: Number(port), user: applicationUser, database: 'bedside' });
};
