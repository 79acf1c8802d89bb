import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createRegistry, silentLogger } from '@bedside/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../src/audit/audit.ts';
import { startAuditTrail } from '../src/audit/trail.ts';
import { parseHeadLine } from '../src/audit/verify/head.ts';
import { entryAt, startTrail, type Trail } from './support/trail.ts';

let trail: Trail;
beforeEach(async () => {
  trail = await startTrail();
});
afterEach(() => trail[Symbol.asyncDispose]());

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly sequence: number | undefined;
}

/** A collector that refuses the first requests; `until` resolves when it has taken so many heads. */
const startCollector = async (refuse: number) => {
  const received: Received[] = [];
  const taken = new EventTarget();
  let refused = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (refused < refuse) {
      refused += 1;
      response.writeHead(503).end();
      return;
    }
    const sequence = parseHeadLine(Buffer.concat(chunks).toString())?.head.sequence;
    received.push({ headers: request.headers, sequence });
    response.writeHead(204).end();
    taken.dispatchEvent(new Event('taken'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/heads`,
    received,
    until: async (count: number) => {
      while (received.length < count) await once(taken as never, 'taken');
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};

describe('the keeper of the trail', () => {
  it('seals and publishes by itself, to the file and to the collector, which may refuse for a while', async () => {
    await using collector = await startCollector(1);
    await trail.write(3);
    const config = {
      keyFile: trail.keyFile,
      headsFile: trail.headsFile,
      collector: { url: collector.url, token: 'let me in' },
      sealEveryMs: 100,
    };
    const registry = createRegistry();
    const deps = { database: trail.database, clock: () => trail.clock.now, log: silentLogger, registry };
    await using keeper = startAuditTrail(config, deps);
    await collector.until(1);
    await audit(trail.database.db, entryAt(trail.clock.now));
    await collector.until(2);
    await keeper.close();
    expect(collector.received.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(collector.received[0]?.headers).toMatchObject({
      authorization: 'Bearer let me in',
      'content-type': 'application/json',
      'idempotency-key': expect.stringMatching(/^[\w-]{43}$/),
    });
    await trail.publish();
    expect(await trail.verify()).toMatchObject({ events: 4, heads: 2, findings: [] });
    const metrics = await registry.metrics();
    expect(metrics).toContain('bedside_core_audit_sealed_total 4');
    expect(metrics).toContain('bedside_core_audit_failures_total{step="https"} 1');
  });

  it('publishes what a killed process had sealed', async () => {
    await trail.history(1, 2);
    await trail.write(3);
    const program = join(import.meta.dirname, 'support/seal-and-die.ts');
    const args = [program, trail.test.connectionString, trail.keyFile, String(trail.clock.now)];
    const child = spawn(process.execPath, args, { execArgv: [], stdio: 'ignore' } as object);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
    expect((await trail.verify({ withoutHeads: true })).heads).toBe(2);
    expect((await trail.publishedText()).trimEnd().split('\n')).toHaveLength(1);
    expect(await trail.publish()).toBe(1);
    expect(await trail.verify()).toMatchObject({ events: 5, heads: 2, unsealedEvents: 0, findings: [] });
  });
});
