import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applicationRoleOf } from '@bedside/core';
import { OperatorError } from '@bedside/kit';
import { applicationUser, connectionStringOf } from '../postgres/launcher.ts';
import type { UpConfig } from '../up/config.ts';

/**
 * The embedded Postgres of a Bedside that runs, as the application, by what its postmaster wrote down (postmaster.pid:
 * line 4 is the port, line 5 the socket's folder).
 */
const embeddedDatabaseUrl = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const [, , , port, host] = text?.split('\n') ?? [];
  if (!port || !host)
    throw new OperatorError(
      `No Bedside runs on ${dataDir}. Start it (npm start), name its folder (BEDSIDE_DATA_DIR), or name a database of your own (DATABASE_URL).`,
    );
  return connectionStringOf({ host, port: Number(port), user: applicationUser, database: 'bedside' });
};

/** The database that the configuration names, or that of the Bedside that runs. Errors: `OperatorError`. */
export const operatorDatabase = async ({
  core,
  databaseUrl,
  dataDir,
}: UpConfig): Promise<{ databaseUrl: string; role: string | undefined }> =>
  databaseUrl === undefined
    ? { databaseUrl: await embeddedDatabaseUrl(dataDir), role: undefined }
    : { databaseUrl, role: applicationRoleOf(core) };
