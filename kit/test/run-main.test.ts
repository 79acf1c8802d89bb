import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('support/main-under-test.ts', import.meta.url));

/** Starts the process; `onLine` is told what it says. Resolves with all it said and its exit code when it is gone. */
const run = async (
  behaviour: string,
  onLine: (line: string, child: ChildProcessByStdio<null, Readable, Readable>) => void,
) => {
  const child = spawn(process.execPath, [script, behaviour], { stdio: ['ignore', 'pipe', 'pipe'] });
  const logged = text(child.stdout);
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    onLine(line, child);
  });
  await once(child, 'close');
  return { said, exitCode: child.exitCode, logged: (await logged).trim() };
};

describe('runMain', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('closes on %s and ends with 0', async (signal) => {
    expect(await run('runs', (line, child) => line === 'started' && child.kill(signal))).toEqual({
      said: ['started', 'closing', 'closed'],
      exitCode: 0,
      logged: '',
    });
  });

  it('ends with 1 and says why, and no more than that, when the operator can help it', async () => {
    expect(await run('start-fails', () => undefined)).toEqual({
      said: ['BEDSIDE_X: is not set'],
      exitCode: 1,
      logged: '',
    });
  });

  it('ends with 1 and logs the place when the start fails as nobody expected', async () => {
    const { said, exitCode, logged } = await run('start-breaks', () => undefined);
    expect({ said, exitCode }).toEqual({ said: ['nobody expected this'], exitCode: 1 });
    expect(JSON.parse(logged)).toMatchObject({
      event: 'failed',
      errorStack: expect.stringContaining('main-under-test.ts') as string,
    });
  });

  it('closes and ends with 1 after an error that nobody handled', async () => {
    expect(await run('throws-later', () => undefined)).toMatchObject({
      said: ['started', 'closing', 'closed'],
      exitCode: 1,
    });
  });

  it('ends with 1 when closing fails', async () => {
    expect(await run('close-fails', (line, child) => line === 'started' && child.kill())).toMatchObject({
      said: ['started', 'closing'],
      exitCode: 1,
    });
  });

  it.each(['close-hangs', 'start-hangs'])('ends with 1 when it takes too long: %s', async (behaviour) => {
    const { exitCode } = await run(behaviour, (line, child) => ['starting', 'started'].includes(line) && child.kill());
    expect(exitCode).toBe(1);
  });

  it('ends at once at a second signal', async () => {
    const { said, exitCode } = await run(
      'close-hangs',
      (line, child) => ['started', 'closing'].includes(line) && child.kill(),
    );
    expect({ said, exitCode }).toEqual({ said: ['started', 'closing'], exitCode: 1 });
  });
});
