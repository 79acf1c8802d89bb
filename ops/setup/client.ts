import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { precompress } from '../up/precompress.ts';
import { type Report, SetupFailure } from './report.mjs';
import { runProgram } from './run-program.ts';

const stampFile = '.sources';
const notSources = new Set(['node_modules', 'dist', 'test']);

function sourcesUnder(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return notSources.has(entry.name) ? [] : sourcesUnder(path);
    return /\.(test\.tsx?|md)$/.test(entry.name) ? [] : [path];
  });
}

/** A hash of everything that the built client is made from. */
export function hashSources(root: string): string {
  const hash = createHash('sha256');
  const files = [
    join(root, 'package-lock.json'),
    ...['clients', 'protocol'].flatMap((name) => sourcesUnder(join(root, name))),
  ];
  for (const path of files.sort())
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

async function runVite(root: string): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--logLevel', 'warn'];
  const { code, output } = await runProgram(process.execPath, args, { cwd: join(root, 'clients', 'web') });
  if (code !== 0) throw new SetupFailure(`The web client could not be built:\n${output}`);
}

/** Builds the web client unless the built one is of these very sources. */
export async function buildClient(root: string, report: Report): Promise<void> {
  const web = join(root, 'clients', 'web');
  if (!existsSync(join(web, 'vite.config.ts'))) return;
  const stamp = join(web, 'dist', stampFile);
  const hash = hashSources(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  report.begin('Building the web client');
  await runVite(root);
  await precompress(join(web, 'dist'));
  writeFileSync(stamp, hash);
}
