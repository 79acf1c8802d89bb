import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempDir } from '@bedside/kit/temp-dir';

const run = promisify(execFile);

export interface Releases extends AsyncDisposable {
  readonly url: string;
  /** How many requests came. */
  readonly requests: string[];
}

/** A server on this machine that stands in for the host of the prebuilt workers. */
export async function serveReleases(answer: (response: ServerResponse) => void): Promise<Releases> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return { url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: close };
}

/** A program that ends as the worker does when all its libraries are there (41), or otherwise. */
export async function writeFakeWorker(path: string, exitCode = 41): Promise<void> {
  await writeFile(path, `#!/bin/sh\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
}

/** A release archive with such a program. */
export async function packFakeWorker(exitCode = 41): Promise<Buffer> {
  await using dir = await makeTempDir();
  await writeFakeWorker(join(dir.path, 'mediasoup-worker'), exitCode);
  await run('tar', ['-czf', join(dir.path, 'archive.tgz'), '-C', dir.path, 'mediasoup-worker']);
  return await readFile(join(dir.path, 'archive.tgz'));
}
