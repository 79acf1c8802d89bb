import { readFileSync } from 'node:fs';
import { areLinksMade, findPackage, hydrateLinks } from '../postgres/binaries.ts';
import { ensureServerAccount, serverAccountName } from '../postgres/run-as.ts';
import type { Report } from './report.mjs';

/**
 * Readies the embedded Postgres, unless `DATABASE_URL` names a server: the links that npm leaves unmade and, for root,
 * the account it runs under. What cannot be done here (a checkout that is not ours to write to) its launcher works
 * around.
 */
export async function preparePostgres(env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  if (env.DATABASE_URL) return;
  const packageDir = findPackage();
  if (!(await areLinksMade(packageDir))) await hydrateLinks(packageDir);
  if (process.getuid?.() !== 0) return;
  const isKnown = readFileSync('/etc/passwd', 'utf8').includes(`\n${serverAccountName}:`);
  if (!isKnown) await ensureServerAccount(report.note);
}
