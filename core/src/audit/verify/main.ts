/**
 * `npm run audit:verify -- --export FILE --key FILE [--heads FILE]`: tells whether an audit trail is what it was when it
 * was sealed. Needs this folder and Node alone: no database, no other package. Ends with 0 when nothing was found, 1 when
 * something was, 2 when it could not look.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inWords } from './findings.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';
import { type Verdict, verifyExport } from './verify-export.ts';

const USAGE = `Usage: npm run audit:verify -- --export FILE --key FILE [options]

  --export FILE   what npm run audit:export wrote
  --key FILE      the public key (JWK or PEM); may be given several times
  --heads FILE    the heads as they were published: shows what was cut off
  --json          one JSON object instead of sentences
`;
const SHOWN_MAX = 50;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const giveUp = (line: string): never => {
  process.stderr.write(`${line}\n\n${USAGE}`);
  process.exit(2);
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const readOptions = () => {
  try {
    const file = { type: 'string' } as const;
    return parseArgs({
      options: {
        export: file,
        heads: file,
        key: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return giveUp(reasonOf(error));
  }
};

const readKey = (file: string): PublicKey => {
  try {
    return parsePublicKey(readFileSync(file, 'utf8'));
  } catch (error) {
    return giveUp(`--key ${file} cannot be used: ${reasonOf(error)}`);
  }
};

const tell = (verdict: Verdict, hasPublished: boolean): void => {
  const { events, heads, unsealedEvents, findings, findingCount } = verdict;
  for (const finding of findings.slice(0, SHOWN_MAX)) say(inWords(finding));
  if (findingCount > SHOWN_MAX) say(`… and ${findingCount - SHOWN_MAX} more; --json shows up to 10,000.`);
  if (findingCount > 0) say('');
  const { firstHead = 1, lastHead = null } = verdict.opening ?? {};
  const part =
    firstHead === 1 && lastHead === null
      ? ''
      : ` This is a part of the trail, from head ${firstHead} on${lastHead === null ? '' : ` to head ${lastHead}`}.`;
  say(`${events} events under ${heads} heads, the last one sealed at ${verdict.lastSealedAt ?? '(never)'}.${part}`);
  if (unsealedEvents > 0) say(`${unsealedEvents} of the events were not sealed yet: nothing can be said about them.`);
  if (verdict.unreadablePublished > 0)
    say(`${verdict.unreadablePublished} lines of the published heads cannot be read and were left out.`);
  if (!hasPublished) say('Without --heads, nothing tells whether the end of the trail was cut off.');
  say(findingCount === 0 ? 'The trail is intact.' : `The trail was tampered with: ${findingCount} findings.`);
};

const options = readOptions();
const exportFile = options.export ?? giveUp('--export is missing');
const keys = (options.key ?? giveUp('--key is missing')).map(readKey);
try {
  const verdict = verifyExport({ exportFile, headsFile: options.heads, keys });
  if (options.json) say(JSON.stringify({ intact: verdict.findingCount === 0, ...verdict }));
  else tell(verdict, options.heads !== undefined);
  process.exitCode = verdict.findingCount === 0 ? 0 : 1;
} catch (error) {
  giveUp(reasonOf(error));
}
