import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const SCRIPT = fileURLToPath(import.meta.resolve('./support/oracle-answers.ts'));
const Answers = z.object({ digest: z.string(), starts: z.number(), hour: z.number() });
/** With the hour that 1970-01-01T00:00Z was there. */
const PROCESS_ZONES = [
  ['UTC', 0],
  ['America/Los_Angeles', 16],
  ['Asia/Kolkata', 5],
  ['Pacific/Kiritimati', 13],
] as const;

const answersIn = async (zone: string) => {
  const env = { ...process.env, TZ: zone };
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT], { env });
  return Answers.parse(JSON.parse(stdout));
};

it('openings, starts and calendars are the same whatever the zone of the process', { timeout: 60_000 }, async () => {
  const answers = [];
  for (const [zone] of PROCESS_ZONES) answers.push(await answersIn(zone));
  expect(answers.map(({ hour }) => hour)).toEqual(PROCESS_ZONES.map(([, hour]) => hour));
  expect(answers[0]?.starts).toBeGreaterThan(1_000);
  expect(new Set(answers.map(({ digest }) => digest)).size).toBe(1);
});
