/** `npm run access-review`: who could see what, and who did, for somebody to look at and to sign. */
import { open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openAccessReviewAdmin } from '@bedside/core';
import { OperatorError } from '@bedside/kit';
import { operatorDatabase } from '../operator/database.ts';
import { instantOption } from '../operator/instant.ts';
import { upConfig } from '../up/config.ts';

const USAGE = `Usage: npm run access-review -- --out PREFIX [options]

  Writes PREFIX.json and PREFIX.md, which must not be there yet.
  --from, --to TIME    the audit trail from the one instant on and before the other (ISO 8601); the last whole quarter
  --organization KEY   where there are several

Usage: npm run access-review -- --sign-off FILE.json --by WHO [--remark TEXT]

  WHO is the key or the id of somebody of compliance or administration. A file that was changed cannot be signed.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const openAdmin = async () => {
  const config = upConfig(process.env);
  return openAccessReviewAdmin({
    ...(await operatorDatabase(config)),
    phi: config.core.phi,
  });
};

/** It tells who was whose patient: for its owner alone. */
const write = async (file: string, text: string): Promise<void> => {
  await using handle = await open(file, 'wx', 0o600);
  await handle.write(text);
  await handle.sync();
};

const run = async (): Promise<void> => {
  const text = { type: 'string' } as const;
  const options = { out: text, from: text, to: text, organization: text, 'sign-off': text, by: text, remark: text };
  const { out, from, to, organization, by, remark, 'sign-off': signOff } = parseArgs({ options }).values;
  if (signOff !== undefined) {
    if (by === undefined) throw new OperatorError('--by is missing.');
    const file = await readFile(signOff);
    await using admin = await openAdmin();
    await admin.signOff({ file, by, remark });
    say('Signed.');
    return;
  }
  if (out === undefined) throw new OperatorError(USAGE);
  const period = { from: instantOption('--from', from), to: instantOption('--to', to) };
  await using admin = await openAdmin();
  const made = await admin.make({ organizationKey: organization, ...period });
  await write(`${out}.json`, made.json);
  await write(`${out}.md`, made.markdown);
  say(
    `${out}.json and ${out}.md: ${made.findings} to look at. Then: npm run access-review -- --sign-off ${out}.json --by WHO`,
  );
};

try {
  await run();
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${USAGE}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
