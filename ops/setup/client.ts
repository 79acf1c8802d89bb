import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Report, SetupFailure } from './report.mjs';

const stampFile = '.sources';
const notSources = new Set(['node_modules', 'dist', 'test']);
const keptOutput = 8_000;

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

function runVite(root: string): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'clients', 'web'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-keptOutput);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new SetupFailure(`The web client could not be built:\n${said.trim()}`));
    });
  });
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
  writeFileSync(stamp, hash);
}
