import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../src');

/** What opens a connection to somebody else, or can. */
const WAYS_OUT = [
  /\bfetch\s*\(/,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b/,
  /\bfrom '(?:nodemailer|undici|openid-client|ws|pg|graphile-worker)'/,
  /\bfrom 'node:(?:net|tls|http|https|http2|dgram|dns|dns\/promises|child_process|worker_threads)'/,
  /(?<!\.)\b(?:import|require)\(['"`]/,
];
/** Imports that are gone when the program runs, and the parts of `node:net` that only look at text. */
const HARMLESS = [/^import type .*$/gm, /^import \{ (?:isIP(?:v[46])?(?:, )?)+ \} from 'node:net';$/gm];

/** Who may, outside of `egress/`, and why nothing of a patient's reaches a third party by it. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'db/database.ts': 'the database itself',
  'db/scoped-query.ts': 'the database itself',
  'db/scoped-pool.ts': 'the database itself',
  'jobs/migrate-jobs.ts': 'the database itself',
  'jobs/pool.ts': 'the database itself',
  'jobs/queue.ts': 'the database itself',
  'jobs/runner.ts': 'the database itself',
  'jobs/worker-log.ts': 'the database itself',
  'phi/kek/aws-kms-kek.ts': 'keys to be wrapped and ids without a name; no data of a patient’s',
  'phi/kek/pkcs11-module.ts': 'the module of a key token on this machine',
  'identity/issuer-keys.ts': 'the public keys of the organization’s own issuer',
  'identity/issuer.ts': 'the organization’s own issuer: it tells us who somebody is, and is told codes and tokens',
};

describe('what leaves', () => {
  it('RGT1 leaves by core/src/egress and nowhere else', async () => {
    const files = (await readdir(src, { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file));
    expect(files.length).toBeGreaterThan(100);
    const found: string[] = [];
    for (const file of files) {
      if (file.startsWith('egress/')) continue;
      const text = HARMLESS.reduce(
        (left, pattern) => left.replaceAll(pattern, ''),
        await readFile(join(src, file), 'utf8'),
      );
      if (WAYS_OUT.some((pattern) => pattern.test(text))) found.push(file);
    }
    expect(found.filter((file) => !(file in EXCEPTIONS))).toEqual([]);
  });

  it('asks the port for everything but heads of the audit trail', async () => {
    const files = (await readdir(join(src, 'egress'))).filter((file) => /(?<!\.test)\.ts$/.test(file));
    const open: string[] = [];
    for (const file of files) {
      const text = await readFile(join(src, 'egress', file), 'utf8');
      if (WAYS_OUT.some((pattern) => pattern.test(text)) && !text.includes('await port.require(')) open.push(file);
    }
    expect(open).toEqual(['audit-collector.ts']);
  });
});
