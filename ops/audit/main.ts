/** `npm run audit:export` and `npm run audit:key`: what whoever runs Bedside does with the audit trail. */
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type ExportFormat, openAuditAdmin } from '@bedside/core';
import { OperatorError } from '@bedside/kit';
import { operatorDatabase } from '../operator/database.ts';
import { instantOption } from '../operator/instant.ts';
import { upConfig } from '../up/config.ts';

const USAGE = `Usage: npm run audit:export -- --out FILE [options]

  --out FILE          must not be there yet
  --from, --to TIME   only what was sealed from the one instant on and before the other (ISO 8601)
  --format FORMAT     trail (default), which npm run audit:verify can judge, or fhir

Usage: npm run audit:key [-- --change | --replace-lost]

  Prints the public key as JWK. Keep a copy where nobody of Bedside can change it.
  --change            goes on with a new key, which the present one signs
  --replace-lost      goes on with a new key that nothing signs
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const openAdmin = async () => {
  const config = upConfig(process.env);
  return {
    admin: openAuditAdmin({
      ...(await operatorDatabase(config)),
      audit: config.core.audit,
    }),
    site: config.core.publicUrl,
  };
};

const isFormat = (text: string): text is ExportFormat => text === 'trail' || text === 'fhir';

const exportTo = async (args: string[]): Promise<void> => {
  const text = { type: 'string' } as const;
  const options = { out: text, from: text, to: text, format: { type: 'string', default: 'trail' } } as const;
  const { out, from, to, format } = parseArgs({ args, options }).values;
  if (out === undefined) throw new OperatorError('--out is missing.');
  if (!isFormat(format)) throw new OperatorError('--format is trail or fhir.');
  const range = { from: instantOption('--from', from), to: instantOption('--to', to) };
  const opened = await openAdmin();
  await using admin = opened.admin;
  // It tells who was whose patient: for its owner alone.
  await using file = await open(out, 'wx', 0o600);
  const write = async (lines: string): Promise<void> => void (await file.write(lines));
  const count = await admin.export({ format, ...range, site: opened.site, write });
  await file.sync();
  say(`${count} events are in ${out}.`);
};

const key = async (args: string[]): Promise<void> => {
  const flag = { type: 'boolean', default: false } as const;
  const options = { change: flag, 'replace-lost': flag } as const;
  const { change, 'replace-lost': isLost } = parseArgs({ args, options }).values;
  await using admin = (await openAdmin()).admin;
  if (change || isLost) await admin.changeKey({ isLost });
  say(JSON.stringify(await admin.publicKey()));
};

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'export') await exportTo(args);
  else if (command === 'key') await key(args);
  else throw new OperatorError(USAGE);
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${USAGE}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
