import { expect, test } from 'vitest';
import { explain, SetupFailure, step } from './report.mjs';

function makeOut(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
}

const frozen = { now: () => 0 };

test('a step that finds its work done says nothing', async () => {
  const out = makeOut(false);
  expect(await step(() => 'done', { out, ...frozen })).toBe('done');
  expect(out.written).toEqual([]);
});

test('on a pipe, progress is a line every ten percent at most', async () => {
  const out = makeOut(false);
  await step(
    (report) => {
      report.begin('Counting');
      for (let done = 1; done <= 1_000; done += 1) report.progress(done, 1_000);
    },
    { out, ...frozen },
  );
  expect(out.written).toHaveLength(12);
  expect(out.written[1]).toBe('  Counting … 10 %, 0.0 s\n');
  expect(out.written.at(-1)).toBe('✓ Counting (0.0 s)\n');
});

test('on a terminal, progress leaves one line behind', async () => {
  const out = makeOut(true);
  await step(
    (report) => {
      report.begin('Counting');
      report.progress(1, 2);
    },
    { out, ...frozen },
  );
  expect(out.written.join('').split('\n')).toHaveLength(2);
  expect(out.written.join('')).toContain('✓ Counting');
});

test('a step that fails is marked, and its failure goes on', async () => {
  const out = makeOut(false);
  const failing = step(
    (report) => {
      report.begin('Counting');
      throw new SetupFailure('no fingers');
    },
    { out, ...frozen },
  );
  await expect(failing).rejects.toThrow('no fingers');
  expect(out.written.at(-1)).toBe('✗ Counting (0.0 s)\n');
});

test('a failure is told with what to run and without a stack', () => {
  const out = makeOut(false);
  explain(new SetupFailure('A tool is missing.', ['sudo get tool']), out);
  expect(out.written.join('')).toBe(
    '\nA tool is missing.\n\nRun:\n  sudo get tool\n\nand then the same command again.\n',
  );
});
